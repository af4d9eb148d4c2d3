/** Style sheets, which the build bundles with the scripts that import them. */
declare module '*.css';
