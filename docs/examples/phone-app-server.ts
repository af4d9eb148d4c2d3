/** The server behind a phone app. It keeps the account's keys and gives the app a token for listening to one resource. */
import { createHash, timingSafeEqual } from 'node:crypto';
import { createServer, type IncomingMessage } from 'node:http';

const {
  GATEWAY_URL = '',
  ACCESS_KEY = '',
  SECRET_ACCESS_KEY = '',
  APP_SESSION = '',
  PORT = '3000',
} = process.env;

/** Replace this by your own sign-in. Here, all users share one session. */
function isSignedIn(authorization = ''): boolean {
  const hash = (text: string) => createHash('sha256').update(text).digest();
  return APP_SESSION !== '' && timingSafeEqual(hash(authorization), hash(`Bearer ${APP_SESSION}`));
}

/** Replace this by the resources or recordings of the user who signed in, with a token for each such set. */
const details = [{ type: 'recordings', resources: [{ type: 'findme', id: 1234 }] }];

let token = { access_token: '', expires_at: 0 };

/** All users share one token until it is about to expire, because they may all do the same. */
async function getToken() {
  if (token.expires_at - Date.now() > 60_000) return token;
  const response = await fetch(`${GATEWAY_URL}/oauth/token`, {
    method: 'POST',
    headers: { Authorization: `Basic ${btoa(`${ACCESS_KEY}:${SECRET_ACCESS_KEY}`)}` },
    body: new URLSearchParams({
      grant_type: 'client_credentials',
      scope: 'recordings:read',
      authorization_details: JSON.stringify(details),
      expires_in: '900',
    }),
  });
  if (!response.ok) throw new Error(`no token: ${response.status} ${await response.text()}`);
  const { access_token, expires_in } = await response.json();
  token = { access_token, expires_at: Date.now() + expires_in * 1000 };
  return token;
}

async function handle({ method, url, headers }: IncomingMessage): Promise<[status: number, body: object]> {
  if (method !== 'POST' || url !== '/recordings-token') return [404, { error: 'not found' }];
  if (!isSignedIn(headers.authorization)) return [401, { error: 'sign in first' }];
  try {
    return [200, { gateway: GATEWAY_URL, ...(await getToken()) }];
  } catch (error) {
    console.error(error);
    return [502, { error: 'recordings are not available at the moment' }];
  }
}

const server = createServer(async (request, response) => {
  const [status, body] = await handle(request);
  response.writeHead(status, { 'Content-Type': 'application/json', 'Cache-Control': 'no-store' });
  response.end(JSON.stringify(body));
});

server.listen(Number(PORT), () => console.log(`listening on ${JSON.stringify(server.address())}`));
