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
  })
}
