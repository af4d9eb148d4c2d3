/** Lists as read by PHP's simplexml, the parser of the old clients. */
import { spawnSync } from 'node:child_process';

export interface SimplexmlReading {
  readonly root: string;
  readonly result: string;
  /** Whether an element occurs twice where the gateway accepts one. */
  readonly isDoubled: boolean;
  readonly hasDoctype: boolean;
  readonly recordings: readonly SimplexmlRecording[];
}

interface SimplexmlRecording {
  readonly sid: string;
  readonly dnis: string;
  readonly number_connected: string;
  readonly minutes: string;
  readonly date: string;
}

/** Reads base64, one document per line, and writes JSON, one reading per line. */
const script = `
const FIELDS = ['sid', 'dnis', 'number_connected', 'minutes', 'date'];
while (($line = fgets(STDIN)) !== false) {
  $xml = @simplexml_load_string(base64_decode(trim($line)));
  if ($xml === false) { echo "null\\n"; continue; }
  $isDoubled = count($xml->result) > 1 || count($xml->result_description) > 1 || count($xml->data) > 1;
  $recordings = [];
  foreach ($xml->data->recording ?? [] as $recording) {
    $row = [];
    foreach (FIELDS as $field) {
      $isDoubled = $isDoubled || count($recording->$field) > 1;
      $row[$field] = (string) $recording->$field;
    }
    $recordings[] = $row;
  }
  echo json_encode([
    'root' => $xml->getName(),
    'result' => (string) $xml->result,
    'isDoubled' => $isDoubled,
    'hasDoctype' => dom_import_simplexml($xml)->ownerDocument->doctype !== null,
    'recordings' => $recordings,
  ]), "\\n";
}`;

export const hasPhp =
  spawnSync('php', ['-r', 'exit(function_exists("simplexml_load_string") ? 0 : 1);']).status === 0;

/** Null for each document that simplexml rejects. */
export function readBySimplexml(documents: readonly Uint8Array[]): readonly (SimplexmlReading | null)[] {
  const input = documents.map((bytes) => `${Buffer.from(bytes).toString('base64')}\n`).join('');
  const { stdout, status, stderr } = spawnSync('php', ['-d', 'display_errors=stderr', '-r', script], {
    input,
    maxBuffer: 1024 ** 3,
  });
  const lines = stdout.toString().trimEnd().split('\n');
  if (status !== 0 || lines.length !== documents.length) throw new Error(`php failed: ${stderr}`);
  return lines.map((line) => JSON.parse(line));
}
