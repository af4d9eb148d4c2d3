/** For generators that work with TypeScript's own parts, which its seventh version no longer has: gives them the fifth. */
import { registerHooks } from 'node:module';

registerHooks({
  resolve: (specifier, context, next) =>
    next(specifier, specifier === 'typescript' ? { ...context, parentURL: import.meta.url } : context),
});
