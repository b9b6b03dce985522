// npm's oidc-provider, as somebody else's OpenID Provider.  Its first line of input is
// its clients; each further line says who signs in next: {"sub", "claims"} or {"deny"}.
// It answers each line when that holds.  People are not asked: whoever is next is in.

import { createServer } from 'node:http'
import { createInterface } from 'node:readline'
import Provider, { interactionPolicy } from 'oidc-provider'

// Its notices are no answers of ours.
console.log = console.info = console.warn = console.error

let next
const people = new Map()
const say = (answer) => process.stdout.write(`${JSON.stringify(answer)}\n`)

const policy = interactionPolicy.base()
policy.add(new interactionPolicy.Prompt({ name: 'select_account', requestable: true }), 0)

function open(clients, port) {
  const provider = new Provider(`http://127.0.0.1:${port}`, {
    clients,
    claims: { openid: ['sub'], email: ['email', 'email_verified'], profile: ['name', 'picture'] },
    cookies: { keys: ['only for tests'] },
    features: { devInteractions: { enabled: false } },
    interactions: { policy, url: (_, interaction) => `/interaction/${interaction.uid}` },
    pkce: { required: () => true },
    findAccount: (_, sub) => ({ accountId: sub, claims: () => ({ sub, ...people.get(sub) }) }),
  })
  provider.use(async (ctx, following) => {
    if (!ctx.path.startsWith('/interaction/')) return following()
    const { params } = await provider.interactionDetails(ctx.req, ctx.res)
    await provider.interactionFinished(ctx.req, ctx.res, await decided(provider, params))
    ctx.respond = false
  })
  return provider
}

async function decided(provider, { client_id: clientId, scope }) {
  if (next.deny) return { error: 'access_denied', error_description: 'No, thank you.' }
  const grant = new provider.Grant({ accountId: next.sub, clientId })
  grant.addOIDCScope(scope)
  const consent = { grantId: await grant.save() }
  return { select_account: {}, login: { accountId: next.sub, remember: false }, consent }
}

const server = createServer()
for await (const line of createInterface({ input: process.stdin })) {
  const order = JSON.parse(line)
  if (!server.listening) {
    await new Promise((ready) => server.listen(0, '127.0.0.1', ready))
    const { port } = server.address()
    server.on('request', open(order, port).callback())
    say({ issuer: `http://127.0.0.1:${port}` })
    continue
  }
  next = order
  people.set(order.sub, order.claims)
  say({})
}
server.closeAllConnections()
server.close()
