/** Faults that replace the response; the work is not done. */
import { type Answer, bytesAnswer, envelope, failed, xmlAnswer } from '../answer.ts';
import { encode } from '../bytes.ts';
import { escapeXml } from '../recording.ts';
import { all, downloadOnly, type Fault, type FaultContext } from './fault.ts';

const html = `<!DOCTYPE html>
<html><head><title>Maintenance</title><meta charset="utf-8"></head>
<body><h1>We'll be back soon</h1><p>Scheduled maintenance &mdash; please try again<br>later.</p></body></html>
`;

/** As a careless server prints them. */
function keysOf({ parameters }: FaultContext): string {
  const names = ['access_key', 'secret_access_key'];
  return names.map((name) => `${name}=${parameters.get(name) ?? ''}`).join('&');
}

function page(status: number, title: string, text: string): Answer {
  const body = `<html><head><title>${status} ${title}</title></head><body><h1>${title}</h1><p>${text}</p></body></html>`;
  return bytesAnswer(status, encode(body), 'text/html; charset=iso-8859-1');
}

function withRetryAfter(answer: Answer, { settings }: FaultContext): Answer {
  const { retryAfter = '7' } = settings;
  return retryAfter === null
    ? answer
    : { ...answer, headers: { ...answer.headers, 'retry-after': retryAfter } };
}

/** To this emulator under another host's name, where requests that follow it are counted. */
function redirect(status: number, context: FaultContext): Answer {
  const url = new URL('/_emulator/trap', context.request.url);
  url.hostname = url.hostname === 'localhost' ? '127.0.0.1' : 'localhost';
  url.search = new URLSearchParams(Array.from(context.parameters)).toString();
  const answer = page(status, 'Moved', `The document has moved <a href="${escapeXml(url.href)}">here</a>.`);
  return { ...answer, headers: { ...answer.headers, location: url.href } };
}

export const replyFaults = {
  'failed-200': {
    description: 'HTTP 200, but the envelope says failed: Invalid api_key',
    actions: all,
    apply: () => failed(200, 'Invalid api_key'),
  },
  'failed-200-generic': {
    description: 'HTTP 200, but the envelope says failed with an unknown text',
    actions: all,
    apply: () => failed(200, 'An error occurred'),
  },
  'failed-without-status': {
    description: 'HTTP 400 and failed with an unknown text',
    actions: all,
    apply: () => failed(400, 'Something is wrong with your request'),
  },
  'success-with-error-text': {
    description: 'success with a description of an error; for a download, instead of audio',
    actions: all,
    apply: () => xmlAnswer(200, envelope('success', 'Error in retrieving recording')),
  },
  'success-labelled-500': {
    description: 'a success envelope with HTTP 500',
    actions: all,
    apply: () => xmlAnswer(500, envelope('success', '')),
  },
  'keys-in-description': {
    description: 'HTTP 400 and failed, the description quoting the keys of the call',
    actions: all,
    apply: (context) => failed(400, escapeXml(`Bad request: ${keysOf(context)}`)),
  },
  'keys-in-headers': {
    description: 'the correct response, with the keys of the call in its headers',
    actions: all,
    async apply(context) {
      const right = await context.answer();
      const tag = encodeURIComponent(context.parameters.get('secret_access_key') ?? '');
      const debug = encodeURIComponent(keysOf(context));
      return { ...right, headers: { ...right.headers, etag: `"${tag}"`, 'x-debug': debug } };
    },
  },
  'html-page': {
    description: 'HTTP 200 with a maintenance page',
    actions: all,
    apply: () => bytesAnswer(200, encode(html), 'text/html'),
  },
  'html-labelled-as-xml': {
    description: 'a maintenance page that claims to be text/xml',
    actions: all,
    apply: () => bytesAnswer(200, encode(html), 'text/xml'),
  },
  'html-labelled-as-audio': {
    description: 'a maintenance page that claims to be audio/wav',
    actions: downloadOnly,
    apply: () => bytesAnswer(200, encode(html), 'audio/wav'),
  },
  'empty-body': {
    description: 'HTTP 200 with an empty body',
    actions: all,
    apply: () => bytesAnswer(200, encode(''), 'text/xml'),
  },
  'no-content': {
    description: 'HTTP 204',
    actions: all,
    apply: () => ({ ...bytesAnswer(204, encode(''), 'text/xml'), declared: false }),
  },
  'json-instead': {
    description: 'the envelope as JSON',
    actions: all,
    apply: () =>
      bytesAnswer(200, encode('{"result":"success","result_description":"","data":[]}'), 'application/json'),
  },
  redirect: {
    description: '302 to another host, with the keys in Location',
    actions: all,
    apply: (context) => redirect(302, context),
  },
  'redirect-307': {
    description: '307 to another host, which would repeat the body of a POST there',
    actions: all,
    apply: (context) => redirect(307, context),
  },
  'rate-limited': {
    description: '429 (setting retryAfter)',
    actions: all,
    apply: (context) => withRetryAfter(page(429, 'Too Many Requests', 'Slow down'), context),
  },
  'server-error': {
    description: "500 with the call's keys in its HTML",
    actions: all,
    apply: (context) => page(500, 'Internal Server Error', `in ibp_api.php?${keysOf(context)} on line 42`),
  },
  'bad-gateway': {
    description: '502 from a proxy',
    actions: all,
    apply: () => page(502, 'Bad Gateway', 'nginx'),
  },
  unavailable: {
    description: '503 (setting retryAfter)',
    actions: all,
    apply: (context) => withRetryAfter(page(503, 'Service Unavailable', 'Try again later'), context),
  },
  'gateway-timeout': {
    description: '504 from a proxy',
    actions: all,
    apply: () => page(504, 'Gateway Time-out', 'nginx'),
  },
} as const satisfies Record<string, Fault>;
