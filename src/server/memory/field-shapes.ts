import type { z } from 'zod';

/** A schema for each field of a type; those that may be missing are optional. */
export type FieldShapes<Value> = {
  readonly [Field in keyof Required<Value>]: undefined extends Value[Field]
    ? z.ZodOptional<z.ZodType<Exclude<Value[Field], undefined>, Exclude<Value[Field], undefined>>>
    : z.ZodType<Value[Field], Value[Field]>;
};
