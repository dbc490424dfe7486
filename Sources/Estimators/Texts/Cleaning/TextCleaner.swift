/// Cleans one text after another.
///
/// - Complexity: O(bytes) a text; a run of combining marks is sorted.
public struct TextCleaner: ~Copyable {
    private var steps: [(step: any TextStep, name: TextCleaning.Steps)] = []
    private var input = GrowingBuffer<UInt8>(capacity: 256)
    private var output = GrowingBuffer<UInt8>(capacity: 256)

    public init(_ cleaning: TextCleaning = TextCleaning()) {
        if cleaning.removesMarkup { steps.append((MarkupStep(), .markup)) }
        if cleaning.removesEmoji { steps.append((EmojiStep(), .emoji)) }
        if cleaning.removesControls { steps.append((ControlStep(), .controls)) }
        switch cleaning.form {
        case .keep: break
        case .width: steps.append((WidthStep(), .form))
        case .nfkc: steps.append((CompatibilityStep(), .form))
        }
        if cleaning.space != .keep {
            steps.append((SpaceStep(keepsLines: cleaning.space == .lines), .space))
        }
    }

    /// Lends what becomes of a text, and says which steps changed it. Of bytes that are no UTF-8 each becomes U+FFFD where a
    /// step looks at what is not ASCII.
    public mutating func clean<T>(
        _ text: UnsafeBufferPointer<UInt8>, _ body: (UnsafeBufferPointer<UInt8>, TextCleaning.Steps) -> T
    ) -> T {
        var changed: TextCleaning.Steps = []
        var text = text
        for index in steps.indices where !steps[index].step.keeps(text) {
            output.count = 0
            steps[index].step.take(text, &output)
            let made = output.elements
            if made.count == text.count, made.elementsEqual(text) { continue }
            changed.insert(steps[index].name)
            swap(&input, &output)
            text = input.elements
        }
        return body(text, changed)
    }

    /// Cleans all texts of a batch.
    ///
    /// - Returns: The texts, and of each the steps that changed it.
    public mutating func clean(_ batch: TextBatch) -> (texts: TextList, changes: [TextCleaning.Steps]) {
        var texts = TextList()
        var changes: [TextCleaning.Steps] = []
        changes.reserveCapacity(batch.count)
        for row in 0..<batch.count {
            clean(batch[row]) { text, changed in
                texts.append(text)
                changes.append(changed)
            }
        }
        return (texts, changes)
    }
}
