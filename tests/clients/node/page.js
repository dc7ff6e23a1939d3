// oidc-client-ts as an application without a server: logs in, asks userinfo, renews silently twice, revokes.
const { issuer } = JSON.parse(new URLSearchParams(location.search).get('told') || sessionStorage.getItem('told'))
sessionStorage.setItem('told', JSON.stringify({ issuer }))
const home = location.origin
const people = new oidc.UserManager({
  authority: issuer,
  client_id: 'page',
  redirect_uri: home + '/callback',
  silent_redirect_uri: home + '/silent',
  post_logout_redirect_uri: home + '/goodbye',
  response_type: 'code',
  scope: 'openid profile unit',
  loadUserInfo: true,
  automaticSilentRenew: false,
  silentRequestTimeoutInSeconds: 10,
})
const show = (value) => { document.getElementById('state').textContent = JSON.stringify(value) }

async function go() {
  if (location.pathname === '/silent') return people.signinSilentCallback()
  if (location.pathname === '/goodbye') return show({ goodbye: true })
  if (location.pathname !== '/callback') return people.signinRedirect()
  const person = await people.signinCallback()
  const renewed = await people.signinSilent()                      // by its refresh token
  await people.storeUser({ ...renewed, refresh_token: undefined, toStorageString: () => JSON.stringify({ ...renewed, refresh_token: undefined }) })
  const framed = await people.signinSilent()                       // by prompt=none in a hidden frame
  await people.revokeTokens(['access_token'])
  const dead = await fetch(issuer + '/userinfo', { headers: { authorization: 'Bearer ' + framed.access_token } })
  show({
    sub: person.profile.sub, unit: person.profile.unit_code, dead: dead.status,
    renewed: renewed.access_token !== person.access_token, framed: framed.access_token !== renewed.access_token,
  })
}
go().catch((error) => show({ error: String(error) }))
