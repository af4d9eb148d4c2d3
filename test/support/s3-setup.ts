/** Starts the S3 server of the `s3` project, and passes its address to the tests. */
import type { TestProject } from 'vitest/node';
import type { S3Config } from '../../src/config/store.ts';
import { findS3Server, startS3Server } from './s3-server.ts';

declare module 'vitest' {
  interface ProvidedContext {
    s3: Omit<S3Config, 'endpoint'> & { readonly endpoint: string };
  }
}

export default async function setup(project: TestProject) {
  const program = findS3Server();
  if (!program) throw new Error('the s3 project needs an S3 server');
  const { config, close } = await startS3Server(program);
  project.provide('s3', { ...config, endpoint: config.endpoint?.href ?? '' });
  return close;
}
