/** Fields of protobuf messages, as engines that write their models in that form put them together. */
import { type BinaryWriter, WireType } from "@bufbuild/protobuf/wire";

/** A message within a message. */
export function message(writer: BinaryWriter, field: number, body: (writer: BinaryWriter) => void): void {
  writer.tag(field, WireType.LengthDelimited).fork();
  body(writer);
  writer.join();
}

/** A string. */
export const text = (writer: BinaryWriter, field: number, value: string): void => {
  writer.tag(field, WireType.LengthDelimited).string(value);
};

/** An integer of any width. */
export const integer = (writer: BinaryWriter, field: number, value: number): void => {
  writer.tag(field, WireType.Varint).int64(value);
};
