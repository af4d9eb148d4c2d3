/** Everything that the engine of exports keeps in its database, as text. */
import { DatabaseSync } from 'node:sqlite';
import postgres from 'postgres';

export function dumpSqlite(file: string): string {
  const database = new DatabaseSync(file, { readOnly: true });
  try {
    const tables = database.prepare("select name from sqlite_master where type = 'table'").all();
    const rows = tables.map(({ name }) => [name, database.prepare(`select * from "${name}"`).all()]);
    return JSON.stringify(rows);
  } finally {
    database.close();
  }
}

export async function dumpPostgres(url: string): Promise<string> {
  const sql = postgres(url, { max: 1 });
  try {
    const tables = await sql`
      select table_schema, table_name from information_schema.tables
      where table_type = 'BASE TABLE' and table_schema not in ('pg_catalog', 'information_schema')`;
    const rows = await Promise.all(
      tables.map(async ({ table_schema: schema, table_name: name }) => [
        name,
        await sql`select * from ${sql(schema)}.${sql(name)}`,
      ]),
    );
    return JSON.stringify(rows);
  } finally {
    await sql.end();
  }
}
