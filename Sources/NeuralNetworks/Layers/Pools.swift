import Autograd
import TensorCore

// Pools have no parameters, so they are functions.

extension Function {
    /// The largest of each window; windows lie side by side unless a stride is given.
    public static func maxPool(_ size: Int, stride: Int? = nil, padding: Int = 0) -> Function {
        let steps = Steps(stride: stride ?? size, padding: padding)
        return Function { x throws(TensorError) in try x.maxPool((size, size), steps) }
    }

    /// The mean of each window.
    public static func averagePool(
        _ size: Int, stride: Int? = nil, padding: Int = 0, countsPadding: Bool = true
    ) -> Function {
        let steps = Steps(stride: stride ?? size, padding: padding)
        return Function { x throws(TensorError) in
            try x.averagePool((size, size), countsPadding: countsPadding, steps)
        }
    }

    /// The mean of each channel over a whole image: [images, height, width, channels] -> [images, channels].
    public static var globalAveragePool: Function {
        Function { x throws(TensorError) in
            try x.mean([1, 2]).reshaped(to: [x.shape[0], x.shape[3]])
        }
    }

    /// The largest of each channel over a whole image: [images, height, width, channels] -> [images, channels].
    public static var globalMaxPool: Function {
        Function { x throws(TensorError) in
            try x.maxPool((x.shape[1], x.shape[2]), Steps()).reshaped(to: [x.shape[0], x.shape[3]])
        }
    }
}
