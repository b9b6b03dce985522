// A relying party on npm's openid-client, told what to do line by line: one JSON
// order on standard input, one JSON answer on standard output.  Everything that
// the library believes or refuses is its own judgement; the tests only ask.

import { webcrypto } from 'node:crypto'
import { createInterface } from 'node:readline'
import * as oauth from 'oauth4webapi'
import * as client from 'openid-client'

// Node 18, which Debian 12 has, hides these two.
globalThis.crypto ??= webcrypto
globalThis.CryptoKey ??= webcrypto.CryptoKey

let config // of the client that `discover` made
let bound // to a key, where the client shows one (RFC 9449)
let asked // what the last authorization request must be answered with

const AUTHENTICATION = {
  client_secret_basic: ({ secret }) => client.ClientSecretBasic(secret),
  client_secret_post: ({ secret }) => client.ClientSecretPost(secret),
  client_secret_jwt: ({ secret }) => client.ClientSecretJwt(secret),
  private_key_jwt: async ({ key }) => client.PrivateKeyJwt(await importKey(key)),
  none: () => client.None(),
}

// How the answer is to come, if not as most get it.
const FORMS = {
  jarm: client.useJwtResponseMode,
  hybrid: client.useCodeIdTokenResponseType,
  implicit: client.useIdTokenResponseType,
}

const ORDERS = {
  async discover({ issuer, client_id, auth, algorithm, metadata, ...more }) {
    const { forms = [], decryption, dpop, ...credentials } = more
    config = await client.discovery(
      new URL(issuer),
      client_id,
      metadata ?? {},
      await AUTHENTICATION[auth](credentials),
      { algorithm: algorithm ?? 'oidc', execute: [client.allowInsecureRequests] },
    )
    // Check the signature of every ID token, although it came over a trusted channel.
    client.enableNonRepudiationChecks(config)
    for (const form of forms) FORMS[form](config)
    if (decryption) await decryptWith(decryption)
    bound = dpop
      ? { DPoP: client.getDPoPHandle(config, await client.randomDPoPKeyPair(dpop)) }
      : undefined
    return config.serverMetadata()
  },

  // RFC 7591: it becomes the client that it is told it is.
  async register({ issuer, metadata, token }) {
    config = await client.dynamicClientRegistration(
      new URL(issuer),
      metadata,
      await AUTHENTICATION[metadata.token_endpoint_auth_method ?? 'none']({}),
      { initialAccessToken: token, execute: [client.allowInsecureRequests] },
    )
    client.enableNonRepudiationChecks(config)
    return config.clientMetadata()
  },

  async authorize({ redirect_uri, is_pushed, ...parameters }) {
    const verifier = client.randomPKCECodeVerifier()
    asked = {
      pkceCodeVerifier: verifier,
      expectedState: client.randomState(),
      maxAge: parameters.max_age === undefined ? undefined : Number(parameters.max_age),
    }
    const openid = parameters.scope.split(' ').includes('openid')
    if (openid) asked.expectedNonce = client.randomNonce()
    const form = {
      redirect_uri,
      state: asked.expectedState,
      ...(openid ? { nonce: asked.expectedNonce } : {}),
      code_challenge: await client.calculatePKCECodeChallenge(verifier),
      code_challenge_method: 'S256',
      ...parameters,
    }
    const url = is_pushed
      ? await client.buildAuthorizationUrlWithPAR(config, form, bound)
      : client.buildAuthorizationUrl(config, form)
    return url.href
  },

  // `url` is where the browser came back to; `body` is what it posted there.
  async callback({ url, body }) {
    const answer = body
      ? new Request(url, { method: 'POST', body: new URLSearchParams(body) })
      : new URL(url)
    const idTokenExpected = asked.expectedNonce !== undefined
    const checks = { ...asked, idTokenExpected }
    return told(
      await client.authorizationCodeGrant(config, answer, checks, undefined, bound),
    )
  },

  // OIDC Core §3.2: nothing but an ID token, from the fragment.
  implicit: ({ url }) =>
    client.implicitAuthentication(config, new URL(url), asked.expectedNonce, {
      expectedState: asked.expectedState,
    }),

  async refresh({ refresh_token, ...parameters }) {
    return told(await client.refreshTokenGrant(config, refresh_token, parameters, bound))
  },

  async client_credentials(parameters) {
    return told(await client.clientCredentialsGrant(config, parameters, bound))
  },

  // The code is shown to a person; `poll` waits until they have decided.
  async device(parameters) {
    asked = await client.initiateDeviceAuthorization(config, parameters)
    return asked
  },

  poll: async () =>
    told(await client.pollDeviceAuthorizationGrant(config, asked, undefined, bound)),

  // OpenID CIBA: somebody who is elsewhere is asked; `poll_backchannel` waits for them.
  async backchannel(parameters) {
    asked = await client.initiateBackchannelAuthentication(config, parameters)
    return asked
  },

  poll_backchannel: async () =>
    told(
      await client.pollBackchannelAuthenticationGrant(config, asked, undefined, bound),
    ),

  userinfo: ({ access_token, sub }) =>
    client.fetchUserInfo(config, access_token, sub, bound),
  introspect: ({ token, ...rest }) => client.tokenIntrospection(config, token, rest),
  revoke: ({ token, ...rest }) => client.tokenRevocation(config, token, rest),
  logout: (parameters) => client.buildEndSessionUrl(config, parameters).href,

  // A resource server that checks an access token by RFC 9068 alone.
  resource: ({ access_token, audience }) =>
    oauth.validateJwtAccessToken(
      config.serverMetadata(),
      new Request('https://api.example/', {
        headers: { authorization: `Bearer ${access_token}` },
      }),
      audience,
      { [oauth.allowInsecureRequests]: true },
    ),
}

async function importKey({ jwk, algorithm }) {
  const key = await crypto.subtle.importKey('jwk', jwk, algorithm, false, ['sign'])
  return { key, kid: jwk.kid }
}

async function decryptWith({ jwk, algorithm, usages, alg, enc }) {
  const key = await crypto.subtle.importKey('jwk', jwk, algorithm, false, usages)
  client.enableDecryptingResponses(config, [enc], { key, alg, kid: jwk.kid })
}

function told(tokens) {
  return { ...tokens, claims: tokens.claims(), lifetime: tokens.expiresIn() }
}

function complaint(fault) {
  const { name, message, code, error, status, error_description } = fault
  const because = fault.cause instanceof Error ? fault.cause.message : undefined
  return { name, message, code, error, status, error_description, because }
}

for await (const line of createInterface({ input: process.stdin })) {
  const { order, ...rest } = JSON.parse(line)
  let answer
  try {
    answer = { value: (await ORDERS[order](rest)) ?? null }
  } catch (fault) {
    answer = { fault: complaint(fault) }
  }
  process.stdout.write(`${JSON.stringify(answer)}\n`)
}
