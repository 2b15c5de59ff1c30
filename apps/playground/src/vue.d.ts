// For svelte-check, which reads all of `src`; vue-tsc reads the components themselves.
declare module '*.vue' {
  import type { Component } from 'vue'

  const component: Component

  // biome-ignore lint/style/noDefaultExport: what a component file exports
  export { component as default }
}
