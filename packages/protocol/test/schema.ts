import { Ajv2020, type AnySchema, type ValidateFunction } from 'ajv/dist/2020.js'

import { specText } from './spec.ts'

export interface JsonSchema {
  readonly type?: string | readonly string[]
  readonly enum?: readonly unknown[]
  readonly const?: unknown
  readonly default?: unknown
  readonly required?: readonly string[]
  readonly properties?: Readonly<Record<string, JsonSchema>>
  readonly items?: JsonSchema
  readonly $defs?: Readonly<Record<string, JsonSchema>>
}

const ajv = new Ajv2020({ allErrors: true, strict: true, strictRequired: false, allowUnionTypes: true })

export function readSchema(name: string): JsonSchema {
  return JSON.parse(specText(`schemas/${name}.schema.json`)) as JsonSchema
}

export function compileSchema(schema: JsonSchema): ValidateFunction {
  return ajv.compile(schema as AnySchema)
}

const validators = new Map<string, ValidateFunction>()

/** What is wrong with a value, by the schema of that name in `spec/schemas`; empty when nothing is. */
export function schemaErrors(name: string, value: unknown): readonly string[] {
  const validate = validators.get(name) ?? compileSchema(readSchema(name))
  validators.set(name, validate)
  validate(value)
  return (validate.errors ?? []).map((error) => `${error.instancePath} ${error.message}`)
}
