export { createGateway, type Gateway, type GatewayOptions, type GatewayWorld } from './gateway.ts'
export type { TargetOptions } from './proxy/target.ts'
