import { defineConfig } from 'tsup'

/** The one way a package is built: ESM, declarations and source maps in `dist`. */
export function packageBuild(...entry: string[]) {
  return defineConfig({
    entry,
    format: ['esm'],
    target: 'es2022',
    dts: true,
    sourcemap: true,
    clean: true,
    treeshake: true,
    // A package's own name too, where one entry stands on another.
    external: [/^@agent-stream\//],
    // Bundling turns every top-level `const` into `var`, whose value no app's minifier puts in its place: this does.
    esbuildOptions(options) {
      options.minifySyntax = true
    },
  })
}
