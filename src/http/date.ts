/** Reads the three HTTP date formats (RFC 9110, section 5.6.7). */

const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];
const month = `(?<month>${months.join('|')})`;
const time = '(?<hour>[01]\\d|2[0-3]):(?<minute>[0-5]\\d):(?<second>[0-5]\\d|60)';
const day = '(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)';
const longDay = '(?:Monday|Tuesday|Wednesday|Thursday|Friday|Saturday|Sunday)';

const forms = [
  // Sun, 06 Nov 1994 08:49:37 GMT
  new RegExp(`^${day}, (?<date>\\d{2}) ${month} (?<year>\\d{4}) ${time} GMT$`),
  // Sunday, 06-Nov-94 08:49:37 GMT
  new RegExp(`^${longDay}, (?<date>\\d{2})-${month}-(?<shortYear>\\d{2}) ${time} GMT$`),
  // Sun Nov  6 08:49:37 1994
  new RegExp(`^${day} ${month} (?<date>\\d{2}| \\d) ${time} (?<year>\\d{4})$`),
];

/** Null for any other format, and for a day that does not exist. The day of the week is not checked. */
export function parseHttpDate(text: string): Date | null {
  for (const form of forms) {
    const groups = form.exec(text)?.groups;
    if (groups) return toDate(groups);
  }
  return null;
}

function toDate(groups: Readonly<Record<string, string | undefined>>): Date | null {
  const year = groups.shortYear === undefined ? Number(groups.year) : toFullYear(Number(groups.shortYear));
  const date = new Date(0);
  date.setUTCFullYear(year, months.indexOf(groups.month ?? ''), Number(groups.date));
  if (date.getUTCDate() !== Number(groups.date)) return null;
  // A leap second becomes the first second of the next minute.
  date.setUTCHours(Number(groups.hour), Number(groups.minute), Number(groups.second));
  return date;
}

/** A two-digit year more than 50 years ahead belongs to the previous century. */
function toFullYear(year: number): number {
  const now = new Date().getUTCFullYear();
  const full = now - (now % 100) + year;
  return full > now + 50 ? full - 100 : full;
}
