import { createApp } from 'vue'
import type { MountPanel } from '../panel.ts'
import VuePanel from './vue-panel.vue'

export const mountVuePanel: MountPanel = (target, props) => {
  const app = createApp(VuePanel, { ...props })
  app.mount(target)
  return () => app.unmount()
}
