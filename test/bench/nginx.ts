/** nginx with its XSLT module, if Debian's `nginx` and `libnginx-mod-http-xslt-filter` are installed. */
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { keys } from './load.ts';
import { end, keep, type Running } from './processes.ts';

const binary = '/usr/sbin/nginx';
const module = '/usr/lib/nginx/modules/ngx_http_xslt_filter_module.so';

/** The list as JSON, with unescaped values. */
const stylesheet = `<xsl:stylesheet version="1.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform">
<xsl:output method="text" media-type="application/json" encoding="UTF-8"/>
<xsl:template match="/response">{"recordings":[<xsl:for-each select="data/recording"><xsl:if test="position() &gt; 1">,</xsl:if>{"sid":"<xsl:value-of select="sid"/>","dnis":"<xsl:value-of select="dnis"/>","number_connected":"<xsl:value-of select="number_connected"/>","minutes":<xsl:value-of select="minutes"/>,"date":"<xsl:value-of select="date"/>","audio_url":"/recordings/<xsl:value-of select="sid"/>/audio"}</xsl:for-each>],"next_cursor":null}</xsl:template>
</xsl:stylesheet>
`;

/** One worker process, like Node. Null if not installed. */
export async function startNginx(legacyUrl: string): Promise<Running | null> {
  if (!existsSync(binary) || !existsSync(module)) return null;
  const directory = await mkdtemp(join(tmpdir(), 'nginx-'));
  const port = await findPort();
  await writeFile(join(directory, 'list.xslt'), stylesheet);
  await writeFile(join(directory, 'nginx.conf'), toConfiguration(new URL(legacyUrl), port));
  const args = ['-p', directory, '-c', join(directory, 'nginx.conf'), '-e', 'stderr'];
  execFileSync(binary, ['-t', '-q', ...args]);
  const child = spawn(binary, args, { stdio: ['ignore', 'inherit', 'inherit'] });
  keep(child);
  await listening(port);
  return {
    url: `http://127.0.0.1:${port}`,
    pid: child.pid ?? 0,
    async close() {
      await end(child);
      await rm(directory, { recursive: true });
    },
  };
}

function toConfiguration({ host, pathname }: URL, port: number): string {
  const { accessKey, secretAccessKey } = keys;
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map(
    (name) => `${name}_temp_path ${name};`,
  );
  // In one process, so that ending it ends everything.
  return `load_module ${module};
master_process off;
daemon off;
pid nginx.pid;
user ${userInfo().username};
events { worker_connections 512; }
http {
  access_log off;
  error_log stderr crit;
  ${temporary.join(' ')}
  upstream legacy { server ${host}; keepalive 64; }
  server {
    listen 127.0.0.1:${port};
    location = /recordings {
      proxy_pass http://legacy${pathname}?access_key=${accessKey}&secret_access_key=${secretAccessKey}&action=recording.list&type=$arg_type&id=$arg_id;
      proxy_http_version 1.1;
      proxy_set_header Connection "";
      xslt_stylesheet list.xslt;
    }
  }
}
`;
}

async function findPort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

async function listening(port: number): Promise<void> {
  for (let tries = 0; tries < 100; tries += 1) {
    const answers = await fetch(`http://127.0.0.1:${port}/`).then(
      () => true,
      () => false,
    );
    if (answers) return;
    await sleep(50);
  }
  throw new Error('nginx does not listen');
}
