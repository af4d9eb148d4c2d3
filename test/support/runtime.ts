/** The runtime that a test runs in. */

export const isWorkerd = navigator.userAgent === 'Cloudflare-Workers';
