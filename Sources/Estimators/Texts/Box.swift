/// A value that is used where it lies. What a thread does with it is one access, however long.
final class Box<Value: ~Copyable> {
    var value: Value

    init(_ value: consuming Value) { self.value = value }
}
