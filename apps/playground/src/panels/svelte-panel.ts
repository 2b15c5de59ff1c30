import { mount, unmount } from 'svelte'
import type { MountPanel } from '../panel.ts'
import SveltePanel from './svelte-panel.svelte'

export const mountSveltePanel: MountPanel = (target, props) => {
  const component = mount(SveltePanel, { target, props })
  return () => void unmount(component)
}
