// swift-format-ignore-file

/// The example of the design, section 2, as it stands there: what people read
/// first is what runs.
let designExample = #"""
    # yaml-language-server: $schema=../schemas/pipeline.schema.json
    name: credit
    description: Will this applicant repay?
    seed: 7                       # the default of every random stage that states none

    params:                       # overridden by -S test=0.3 or by a profile; declared here, typed here
      test: 0.2
      epochs: 30

    profiles:
      quick: { epochs: 2 }

    stages:
      applications:
        uses: collect.csv
        with:
          path: data/german_credit.csv
          schema: //schemas/german_credit.yaml       # a Table Schema: fields, types, constraints, roles

      clean:
        uses: clean.table
        in: applications                             # a stage named alone means its main output
        with:
          duplicates: drop
          outliers: { method: iqr, factor: 1.5, columns: [credit_amount], action: quarantine }

      split:
        uses: split.rows
        in: clean
        with: { test: "${params.test}", stratify: creditability }

      features:
        uses: features.fit                           # learns on the training rows only
        in: split.train
        with:
          target: creditability
          steps:
            - impute: { columns: numeric, strategy: median }
            - scale: { columns: numeric, method: standard }
            - encode: { columns: categorical, method: one_hot, unknown: ignore }

      model:
        uses: train.model
        in: { train: split.train, features: features }
        with:
          estimator: mlp
          hidden: [64, 32]
          epochs: ${params.epochs}
          optimizer: { name: adamw, lr: 0.003 }

      report:
        uses: evaluate.model
        in: { model: model, test: split.test }
        with: { gates: { auc: ">= 0.70" } }
        publish: { report: //reports/credit.html }   # copied into the work tree

      segments:                                      # any program is a stage
        run: python3 ${in.code}/segments.py ${in.rows} ${out.table} ${out.metrics}
        in:
          code: { dir: scripts }                     # {file: ...}, {dir: ...} or {glob: ...} of the project
          rows: { from: split.test, as: csv }        # csv, jsonl, parquet or arrow (default)
        out:
          table: { table: segments.csv, schema: //schemas/segments.yaml }
          metrics: { metrics: metrics.json }         # a flat JSON object of numbers: shown, locked, gated
        tools: { python: python3 --version }         # its output is in the key

    """#
