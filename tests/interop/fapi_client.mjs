// A FAPI 2.0 client on npm's oauth4webapi, told what to do line by line: one JSON order
// on standard input, one JSON answer on standard output.  The library is certified for
// FAPI 2.0; what it does not believe is a fault of ours.

import { webcrypto } from 'node:crypto'
import { createInterface } from 'node:readline'
import * as oauth from 'oauth4webapi'

// Node 18, which Debian 12 has, hides these two.
globalThis.crypto ??= webcrypto
globalThis.CryptoKey ??= webcrypto.CryptoKey

const insecure = { [oauth.allowInsecureRequests]: true }

let as // the server's metadata
let client
let key // of assertions and request objects
let proofs // DPoP, where the client binds its tokens
let asked // what the last authorization request must be answered with

const auth = () => oauth.PrivateKeyJwt(key)
const bound = () => (proofs ? { ...insecure, DPoP: proofs } : insecure)

const ORDERS = {
  async discover({ issuer, client_id, jwk, algorithm, dpop }) {
    const url = new URL(issuer)
    const found = await oauth.discoveryRequest(url, { ...insecure, algorithm: 'oidc' })
    as = await oauth.processDiscoveryResponse(url, found)
    client = { client_id, [oauth.clockTolerance]: 5 }
    const secret = await crypto.subtle.importKey('jwk', jwk, algorithm, false, ['sign'])
    key = { key: secret, kid: jwk.kid }
    proofs = dpop && oauth.DPoP(client, await oauth.generateKeyPair(dpop))
    return as
  },

  // Push a request, plain or signed; give where to send the browser.
  async push({ redirect_uri, is_signed, ...parameters }) {
    const verifier = oauth.generateRandomCodeVerifier()
    asked = {
      redirect_uri,
      verifier,
      state: oauth.generateRandomState(),
      nonce: oauth.generateRandomNonce(),
      is_signed: parameters.response_mode?.includes('jwt') ?? false,
    }
    let form = {
      response_type: 'code',
      redirect_uri,
      state: asked.state,
      nonce: asked.nonce,
      code_challenge: await oauth.calculatePKCECodeChallenge(verifier),
      code_challenge_method: 'S256',
      ...parameters,
    }
    if (is_signed) {
      form = { request: await oauth.issueRequestObject(as, client, form, key) }
    }
    const answer = await oauth.pushedAuthorizationRequest(
      as, client, auth(), form, bound(),
    )
    const pushed = await oauth.processPushedAuthorizationResponse(as, client, answer)
    const url = new URL(as.authorization_endpoint)
    url.searchParams.set('client_id', client.client_id)
    url.searchParams.set('request_uri', pushed.request_uri)
    return { url: url.href, expires_in: pushed.expires_in }
  },

  async callback({ url }) {
    const place = new URL(url)
    const params = asked.is_signed
      ? await oauth.validateJwtAuthResponse(as, client, place, asked.state, insecure)
      : oauth.validateAuthResponse(as, client, place, asked.state)
    const answer = await oauth.authorizationCodeGrantRequest(
      as, client, auth(), params, asked.redirect_uri, asked.verifier, bound(),
    )
    const tokens = await oauth.processAuthorizationCodeResponse(as, client, answer, {
      expectedNonce: asked.nonce,
      requireIdToken: true,
    })
    await oauth.validateApplicationLevelSignature(as, answer, insecure)
    return told(tokens)
  },

  async refresh({ refresh_token }) {
    const answer = await oauth.refreshTokenGrantRequest(
      as, client, auth(), refresh_token, bound(),
    )
    return oauth.processRefreshTokenResponse(as, client, answer)
  },

  async client_credentials(parameters) {
    const answer = await oauth.clientCredentialsGrantRequest(
      as, client, auth(), parameters, bound(),
    )
    return oauth.processClientCredentialsResponse(as, client, answer)
  },

  // RFC 8628: the code is shown to a person; `device_tokens` asks once.
  async device(parameters) {
    const answer = await oauth.deviceAuthorizationRequest(
      as, client, auth(), parameters, insecure,
    )
    return oauth.processDeviceAuthorizationResponse(as, client, answer)
  },

  async device_tokens({ device_code }) {
    const answer = await oauth.deviceCodeGrantRequest(
      as, client, auth(), device_code, bound(),
    )
    return told(await oauth.processDeviceCodeResponse(as, client, answer))
  },

  // OpenID CIBA: plain, or as FAPI-CIBA signs it; `backchannel_tokens` asks once.
  async backchannel({ is_signed, ...parameters }) {
    const form = is_signed
      ? { request: await oauth.issueRequestObject(as, client, parameters, key) }
      : parameters
    const answer = await oauth.backchannelAuthenticationRequest(
      as, client, auth(), form, insecure,
    )
    return oauth.processBackchannelAuthenticationResponse(as, client, answer)
  },

  async backchannel_tokens({ auth_req_id }) {
    const answer = await oauth.backchannelAuthenticationGrantRequest(
      as, client, auth(), auth_req_id, bound(),
    )
    return told(
      await oauth.processBackchannelAuthenticationGrantResponse(as, client, answer),
    )
  },

  async userinfo({ access_token, sub }) {
    const answer = await oauth.userInfoRequest(as, client, access_token, bound())
    return oauth.processUserInfoResponse(as, client, sub, answer)
  },

  async introspect({ token }) {
    const answer = await oauth.introspectionRequest(as, client, auth(), token, insecure)
    return oauth.processIntrospectionResponse(as, client, answer)
  },

  async revoke({ token }) {
    const answer = await oauth.revocationRequest(as, client, auth(), token, insecure)
    return oauth.processRevocationResponse(answer)
  },
}

function told(tokens) {
  return { ...tokens, claims: oauth.getValidatedIdTokenClaims(tokens) }
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
