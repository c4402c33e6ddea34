import { create, createFileRegistry, type DescMessage, fromBinary } from '@bufbuild/protobuf';
import { type FileDescriptorProto, FileDescriptorProtoSchema, FileDescriptorSetSchema } from '@bufbuild/protobuf/wkt';
import type { MethodDefinition, ServiceDefinition } from '@grpc/proto-loader';

/**
 * The methods of a service with requests that are checked before they are read: a string that is longer than its message
 * is an error, and so is one that is not UTF-8. The framework's own reader takes what there is and replaces what it cannot
 * read, so that a request which was damaged on its way would get a vector of some other text.
 */
export function withStrictRequests(service: ServiceDefinition): ServiceDefinition {
  return Object.fromEntries(
    Object.entries(service).map(([name, method]) => {
      const message = requestOf(method);
      const requestDeserialize = (bytes: Buffer): object => {
        fromBinary(message, bytes);
        return method.requestDeserialize(bytes);
      };
      return [name, { ...method, requestDeserialize }];
    }),
  );
}

function requestOf({ path, requestType }: MethodDefinition<object, object>): DescMessage {
  const [, service = '', name = ''] = path.split('/');
  const file = requestType.fileDescriptorProtos.map((bytes) => qualified(fromBinary(FileDescriptorProtoSchema, bytes)));
  const registry = createFileRegistry(create(FileDescriptorSetSchema, { file }));
  const found = registry.getService(service)?.methods.find((method) => method.name === name);
  if (found === undefined) throw new Error(`The contracts have no method ${path}.`);
  return found.input;
}

/** The loader names types as they are written, where a registry needs their full names; all are of the file's package. */
function qualified(file: FileDescriptorProto): FileDescriptorProto {
  const full = (name: string): string => (name === '' || name.startsWith('.') ? name : `.${file.package}.${name}`);
  for (const { field } of file.messageType) for (const one of field) one.typeName = full(one.typeName);
  for (const { method } of file.service) {
    for (const one of method) Object.assign(one, { inputType: full(one.inputType), outputType: full(one.outputType) });
  }
  return file;
}
