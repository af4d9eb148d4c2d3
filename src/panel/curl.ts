/** A request of the panel as a `curl` command, with the keys as variables of the shell. */
import type { Exchange } from './exchanges.ts';

const credentialOptions = {
  Basic: '-u "$ACCESS_KEY:$SECRET_ACCESS_KEY"',
  Bearer: '-H "Authorization: Bearer $ACCESS_TOKEN"',
} as const;

export function toCurl(exchange: Exchange): string {
  const { method, url, credentials, requestHeaders, requestBody } = exchange;
  const implied = requestBody === null ? 'GET' : 'POST';
  const isRemark = requestBody?.startsWith('[') && requestBody.endsWith(']');
  const options = [
    method === 'HEAD' ? '-I' : method === implied ? null : `-X ${method}`,
    credentials && credentialOptions[credentials],
    ...requestHeaders.map(([name, value]) => `-H ${quote(`${name}: ${value}`)}`),
    isRemark ? `--data-binary ${quote(`@${requestBody?.slice(1, -1)}`)}` : null,
    requestBody !== null && !isRemark ? `--data-raw ${quote(requestBody)}` : null,
    toOutput(exchange),
    // What an audio link is sealed with was left out of the log.
    quote(url).replace('token=…', 'token=\'"$LINK_TOKEN"\''),
  ];
  return `curl ${options.filter((option) => option !== null).join(' \\\n  ')}`;
}

/** Into a file: sound is nothing for a terminal, and curl refuses to print it. */
function toOutput({ url, answer }: Exchange): string | null {
  if (!answer?.body?.startsWith('[audio/')) return null;
  const sid = new URL(url).pathname.split('/').at(-2) ?? '';
  return `-o ${quote(`${sid}.${answer.body === '[audio/mpeg]' ? 'mp3' : 'wav'}`)}`;
}

/** One word of a POSIX shell. */
function quote(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}
