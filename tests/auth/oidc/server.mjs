// An OpenID provider that is not ours, under Keycloak's addresses, for the tests of signing in.
// It prints its address on a line of its own once it answers; LIFETIME is that of access tokens in seconds.
import { createServer } from 'node:http';
import { once } from 'node:events';
import { Provider, errors } from 'oidc-provider';

const REALM = '/auth/realms/master';
const OIDC = '/protocol/openid-connect';
const DEVICE_CODE = 'urn:ietf:params:oauth:grant-type:device_code';
const SCOPE = 'openid profile email';
const API = 'urn:wallaroo';
const USER = 'ada@example.com';
const PASSWORD = 'correct horse';
const lifetime = Number(process.env.LIFETIME ?? 60);

const resource = {
  scope: SCOPE,
  audience: API,
  accessTokenTTL: lifetime,
  accessTokenFormat: 'jwt',
  jwt: { sign: { alg: 'RS256' } },
};

// Whoever signs in here has agreed to everything.
async function agreed(provider, accountId, clientId) {
  const grant = new provider.Grant({ accountId, clientId });
  grant.addOIDCScope(`${SCOPE} offline_access`);
  grant.addResourceScope(API, SCOPE);
  await grant.save();
  return grant;
}

const server = createServer().listen(0, '127.0.0.1');
await once(server, 'listening');
const origin = `http://127.0.0.1:${server.address().port}`;

const provider = new Provider(origin + REALM, {
  clients: [{
    client_id: 'sdk-client',
    token_endpoint_auth_method: 'none',
    application_type: 'native',
    grant_types: [DEVICE_CODE, 'refresh_token', 'password'],
    response_types: [],
    redirect_uris: [],
  }],
  scopes: ['openid', 'offline_access', 'profile', 'email'],
  claims: { openid: ['sub'], profile: ['preferred_username'], email: ['email'] },
  findAccount: (_, id) => ({ accountId: id, claims: () => ({ sub: id, email: id }) }),
  extraTokenClaims: (_, token) => ({ email: token.accountId }),
  loadExistingGrant: ({ oidc }) => agreed(oidc.provider, oidc.session.accountId, oidc.client.clientId),
  issueRefreshToken: () => true,
  rotateRefreshToken: true, // each is good for one use, and a second use ends the sign-in
  features: {
    devInteractions: { enabled: true }, // pages where any name signs in
    deviceFlow: { enabled: true },
    revocation: { enabled: true },
    resourceIndicators: {
      enabled: true,
      defaultResource: () => API,
      useGrantedResource: () => true,
      getResourceServerInfo: () => resource,
    },
  },
  routes: {
    authorization: `${OIDC}/auth`,
    code_verification: '/device',
    device_authorization: `${OIDC}/auth/device`,
    end_session: `${OIDC}/logout`,
    revocation: `${OIDC}/revoke`,
    token: `${OIDC}/token`,
  },
  cookies: { keys: ['tests'] },
  ttl: { AccessToken: lifetime, RefreshToken: 3600, DeviceCode: 60, Grant: 3600, Session: 3600, Interaction: 600 },
});

// The password grant, which OAuth 2.1 has dropped and Keycloak has not.
provider.registerGrantType('password', async (ctx) => {
  const { params, client } = ctx.oidc;
  if (params.username !== USER || params.password !== PASSWORD) throw new errors.InvalidGrant('no such user');
  const grant = await agreed(provider, USER, client.clientId);
  const common = { accountId: USER, client, grantId: grant.jti, gty: 'password', expiresWithSession: false };
  const access = new provider.AccessToken({ ...common, scope: SCOPE });
  access.resourceServer = new provider.ResourceServer(API, resource);
  const now = Math.floor(Date.now() / 1000);
  const refresh = new provider.RefreshToken({
    ...common, scope: `${SCOPE} offline_access`, resource: API, rotations: 0, iiat: now, authTime: now,
  });
  for (const [kind, entity] of Object.entries({ Grant: grant, Client: client, AccessToken: access })) {
    ctx.oidc.entity(kind, entity);
  }
  ctx.oidc.entity('Account', { accountId: USER, claims: () => ({ sub: USER }) });
  ctx.body = {
    access_token: await access.save(),
    expires_in: lifetime,
    refresh_token: await refresh.save(),
    token_type: 'Bearer',
  };
}, ['username', 'password']);

const handle = provider.callback();
server.on('request', async (request, response) => {
  if (!request.url.startsWith(REALM)) {
    response.writeHead(404).end();
    return;
  }
  request.originalUrl = request.url;
  request.url = request.url.slice(REALM.length) || '/';
  if (request.method === 'POST' && request.url === `${OIDC}/auth/device`) {
    // Keycloak has default scopes for who asks for none, as the vendor's SDK and wltui do.
    let form = '';
    for await (const part of request.setEncoding('utf8')) form += part;
    request.body = { scope: SCOPE, ...Object.fromEntries(new URLSearchParams(form)) };
  }
  handle(request, response);
});
console.log(origin);
