/** SHA-256 of a text, as hexadecimal digits. */
import { toHex } from './hex.ts';

export async function sha256Hex(text: string): Promise<string> {
  return toHex(await crypto.subtle.digest('SHA-256', new TextEncoder().encode(text)));
}
