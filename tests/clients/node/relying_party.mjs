// openid-client as an application, spoken with in lines of JSON: what it is told on stdin, what it says on stdout.
import * as client from 'openid-client'
import { createInterface } from 'node:readline'

const lines = createInterface({ input: process.stdin })[Symbol.asyncIterator]()
const hear = async () => JSON.parse((await lines.next()).value)
const say = (value) => console.log(JSON.stringify(value))

const told = await hear()
const proof = told.key
  ? client.PrivateKeyJwt({
      key: await crypto.subtle.importKey('jwk', told.key, { name: 'ECDSA', namedCurve: 'P-256' }, false, ['sign']),
      kid: told.key.kid,
    })
  : told.post ? client.ClientSecretPost(told.secret) : client.ClientSecretBasic(told.secret)
const options = { execute: [client.allowInsecureRequests] }
const config = await client.discovery(new URL(told.issuer), told.client_id, undefined, proof, options)
client.enableNonRepudiationChecks(config)

const verifier = client.randomPKCECodeVerifier()
const [state, nonce] = [client.randomState(), client.randomNonce()]
const parameters = {
  redirect_uri: told.redirect_uri,
  scope: told.scope,
  state,
  nonce,
  code_challenge: await client.calculatePKCECodeChallenge(verifier),
  code_challenge_method: 'S256',
}
const address = told.pushed
  ? await client.buildAuthorizationUrlWithPAR(config, parameters)
  : client.buildAuthorizationUrl(config, parameters)
say({ address: address.href })

const checks = { pkceCodeVerifier: verifier, expectedState: state, expectedNonce: nonce }
const tokens = await client.authorizationCodeGrant(config, new URL((await hear()).came_back), checks)
const person = await client.fetchUserInfo(config, tokens.access_token, tokens.claims().sub)
const fresh = await client.refreshTokenGrant(config, tokens.refresh_token, { scope: told.scope })
const seen = await client.tokenIntrospection(config, fresh.access_token)
await client.tokenRevocation(config, fresh.refresh_token)
await client.tokenRevocation(config, fresh.refresh_token)
const dead = await client.fetchUserInfo(config, fresh.access_token, client.skipSubjectCheck).then(() => false, () => true)
const goodbye = client.buildEndSessionUrl(config, { id_token_hint: tokens.id_token })
say({ claims: tokens.claims(), person, seen, dead, goodbye: goodbye.href })
process.exit(0)
