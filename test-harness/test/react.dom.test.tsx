import { render } from '@testing-library/react'
import type { ReactElement } from 'react'
import { renderToString } from 'react-dom/server'

import { type Binding, describeBinding } from './binding-contract.ts'
import { ReactPanel, ReactSelection } from './fixtures/react-panel.tsx'

function reactBinding(name: string, reactStrictMode: boolean): Binding {
  const mount = (component: ReactElement) => {
    const { container, unmount } = render(component, { reactStrictMode })
    return { root: container, unmount }
  }
  return {
    name,
    panel: (source, probe) => mount(<ReactPanel source={source} {...probe} />),
    serverHtml: (source) => renderToString(<ReactPanel source={source} />),
    hydrate(root, source, probe) {
      const { unmount } = render(<ReactPanel source={source} {...probe} />, {
        container: root,
        hydrate: true,
        reactStrictMode,
        onRecoverableError: console.error,
      })
      return { root, unmount }
    },
    selection: (client, select, probe) =>
      mount(<ReactSelection client={client} select={select} {...probe} />),
  }
}

describeBinding(reactBinding('React', false))
describeBinding(reactBinding('React in StrictMode', true))
