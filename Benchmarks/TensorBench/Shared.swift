import BenchLoop
import TensorCore

extension Case {
    /// Products and convolutions of tensors, which a context shares among its workers; each on one thread and on two.
    static var shared: [Case] {
        [512, 1024, 2048].flatMap { size in
            onOneAndTwo("product \(size)") { context throws(TensorError) in
                let (a, b) = (try input([size, size], context), try input([size, size], context))
                return { () throws(TensorError) in _ = try a.product(with: b) }
            }
        }
            + passes("convolution 3x3", [32, 56, 56, 32], [64, 3, 3, 32], Steps(stride: 1, padding: 1))
            + passes("convolution 1x1", [32, 56, 56, 64], [128, 1, 1, 64], Steps())
            + passes(
                "convolution depthwise 3x3", [32, 56, 56, 128], [128, 3, 3, 1],
                Steps(stride: 1, padding: 1, groups: 128))
    }

    private typealias Work = () throws(TensorError) -> Void

    /// Forward, and backward to the input and to the weights; y has as many pixels as x.
    private static func passes(_ name: String, _ images: Shape, _ kernel: Shape, _ steps: Steps) -> [Case] {
        let slope = Shape(Array(images.sizes.dropLast()) + [kernel[0]])
        return onOneAndTwo(name) { context throws(TensorError) in
            let (x, w) = (try input(images, context), try input(kernel, context))
            return { () throws(TensorError) in _ = try x.convolution(w, steps) }
        }
            + onOneAndTwo(name + ", to the input") { context throws(TensorError) in
                let (dy, w) = (try input(slope, context), try input(kernel, context))
                return { () throws(TensorError) in
                    _ = try Tensor.convolutionInputGradient(dy, images, w, steps)
                }
            }
            + onOneAndTwo(name + ", to the weights") { context throws(TensorError) in
                let (dy, x) = (try input(slope, context), try input(images, context))
                return { () throws(TensorError) in
                    _ = try Tensor.convolutionKernelGradient(dy, x, kernel, steps, segment: 0)
                }
            }
    }

    private static func onOneAndTwo(
        _ name: String, _ make: @escaping (TensorContext) throws(TensorError) -> Work
    ) -> [Case] {
        [1, 2].map { threads in
            Case(name: Case.name(name, threads: threads)) {
                orStop { () throws(TensorError) in
                    let work = try make(TensorContext(threads: threads))
                    return { orStop(work) }
                }
            }
        }
    }
}
