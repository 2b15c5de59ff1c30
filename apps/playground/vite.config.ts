import { svelte } from '@sveltejs/vite-plugin-svelte'
import react from '@vitejs/plugin-react'
import vue from '@vitejs/plugin-vue'
import { defineConfig } from 'vite'

export default defineConfig({
  plugins: [react(), vue(), svelte({ configFile: false })],
  // The packages' sources, not their builds: what the page shows is never older than the code.
  resolve: { conditions: ['agent-stream-source', 'browser', 'module', 'development|production'] },
})
