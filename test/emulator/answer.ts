/** What the emulator is about to send, before it becomes a response: the form in which faults spoil it. */
import { type Bytes, type Chunks, encode } from './bytes.ts';

export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly chunks: Chunks;
  /** In bytes. */
  readonly length: number;
  /** Whether the length is stated in the header. */
  readonly declared: boolean;
}

export type Result = 'success' | 'failed';

export const xmlType = 'text/xml';

/** As on the page: a line an element, none indented, no declaration, no line break at the end. */
export function envelope(result: Result, description: string, data = ''): string {
  return [
    '<response>',
    `<result>${result}</result>`,
    `<result_description>${description}</result_description>${data}`,
    '</response>',
  ].join('\n');
}

export function xmlAnswer(status: number, xml: string): Answer {
  return bytesAnswer(status, encode(xml), xmlType);
}

export function bytesAnswer(status: number, bytes: Bytes, contentType: string): Answer {
  const headers = { 'content-type': contentType };
  return { status, headers, chunks: [bytes], length: bytes.length, declared: true };
}

export function failed(status: number, description: string): Answer {
  return xmlAnswer(status, envelope('failed', description));
}

export function succeeded(description: string): Answer {
  return xmlAnswer(200, envelope('success', description));
}
