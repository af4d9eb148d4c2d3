/** Style sheets, which the build takes along with the scripts that import them. */
declare module '*.css';
