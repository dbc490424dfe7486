import CanonicalJSON
import PipelineLanguage

/// `train.model`: a classifier out of the rows of a table.
enum TrainModel {
    static let kind = StageKind(
        "train.model",
        versions: [
            .init(1, "first"),
            .init(2, "mlp: gelu, tanh, momentum, class weights and large batches round differently"),
            .init(3, "mlp: tanh rounds differently"),
            .init(4, "the transform in a model is a list of steps"),
        ],
        summary: "Trains a model that tells the class of a row.",
        documentation: """
            The target is a column of type boolean, integer, category or text; its values are the classes,
            in ascending order. With a transform at 'features' the model keeps the transform and answers
            from raw tables; without one it learns from the boolean, integer and number columns as they are.
            Columns with a role are never learned from. No value may be missing when training begins: impute
            first.

            logistic minimises c * loss + |weights|^2 / 2 by Newton's method, as scikit-learn's
            LogisticRegression does. mlp is a network of dense layers, trained in 32-bit floats. Both give
            the same bytes whatever the processor and the number of threads.
            """,
        example: """
            model:
              uses: train.model
              in: { train: split.train, features: features }
              with:
                estimator: mlp
                hidden: [64, 32]
                epochs: 30
                optimizer: { name: adamw, lr: 0.003 }
            """,
        inputs: [
            InputPort("train", .table, use: .fit, "The rows to learn from."),
            InputPort(
                "features", .transform, isRequired: false,
                "What features.fit has learned; without it numeric columns are taken as they are."),
            InputPort(
                "validation", .table, use: .fit, isRequired: false,
                "Rows whose loss is watched, and on which patience decides."),
        ],
        outputs: [
            OutputPort("model", .model, "The model folder: model.json and weights.safetensors."),
            OutputPort(
                "curve", .table,
                "Loss by epoch: epoch, steps, training_loss, validation_loss; one row for logistic."),
        ],
        parameters: parameters, isRandom: true, libraries: ["estimators": 3],
        check: check, run: { try ModelTraining($0).train() })

    private static let parameters: [Parameter] = [
        Parameter(
            "estimator",
            .choice([
                .init("logistic", "Logistic regression with an L2 penalty, binary or multinomial."),
                .init("mlp", "A multilayer perceptron."),
            ]),
            .required, "What is trained."),
        Parameter(
            "target", .column(port: "train"), .optional,
            "The column to learn; without it the transform's target, else the column with role target."),
        Parameter(
            "class_weight",
            .either([
                .choice([.init("balanced", "Rows / (classes * rows of the class).")]),
                .map(.number(.above(0))),
            ]),
            .optional, "What a row of each class counts, by class; a class not named counts 1."),
        Parameter(
            "c", .number(.above(0)), .optional, "logistic: how little the penalty counts; 1 if left out."),
        Parameter(
            "max_iter", .integer(.within(1...100_000)), .optional,
            "logistic: steps after which it is an error not to have converged; 100 if left out."),
        Parameter(
            "tol", .number(.above(0)), .optional,
            "logistic: the gradient's norm at which it has converged; 1e-8 if left out."),
        Parameter(
            "hidden", .list(.integer(.within(1...65_536))), .optional,
            "mlp: width of each hidden layer; [64, 32] if left out."),
        Parameter(
            "activation",
            .choice([
                .init("relu", "The larger of 0 and x."),
                .init("gelu", "x times the normal distribution at x, tanh form."),
                .init("tanh", "The hyperbolic tangent."),
            ]),
            .optional, "mlp: what stands between the layers; relu if left out."),
        Parameter(
            "dropout", .number(Interval(.closed(0), .open(1))), .optional,
            "mlp: chance that an element behind an activation is dropped in training; 0 if left out."),
        Parameter(
            "epochs", .integer(.within(1...1_000_000)), .optional,
            "mlp: passes over the training rows; 30 if left out."),
        Parameter(
            "batch_size", .integer(.within(1...16_777_216)), .optional,
            "mlp: rows a step; 32 if left out."),
        Parameter(
            "patience", .integer(.within(1...1_000_000)), .optional,
            "mlp: epochs without a lower validation loss after which training stops; the best weights are kept."
        ),
        Parameter(
            "optimizer",
            .record([
                Parameter(
                    "name",
                    .choice([
                        .init("adamw", "Adam with decoupled weight decay."),
                        .init("sgd", "Stochastic gradient descent."),
                    ]),
                    .defaulted("adamw"), "The rule of a step."),
                Parameter("lr", .number(.above(0)), .defaulted(0.001), "The learning rate."),
                Parameter(
                    "weight_decay", .number(.atLeast(0)), .optional,
                    "Pull of weights to zero; 0.01 for adamw and 0 for sgd if left out."),
                Parameter(
                    "momentum", .number(Interval(.closed(0), .open(1))), .optional,
                    "sgd: share of the last step that is kept; 0 if left out."),
            ]),
            .optional, "mlp: how weights move; adamw with lr 0.001 if left out."),
        Parameter(
            "log_every", .integer(.within(1...1_000_000)), .defaulted(1), isObserver: true,
            "mlp: epochs from one line of the log to the next."),
    ]
}
