/// The pipeline and the data that `sluice init` starts with. The data are
/// made by the formula below, so they belong to nobody.
enum ExampleData {
    static let pipeline = """
        # yaml-language-server: $schema=../schemas/pipeline.schema.json
        name: seedlings
        description: Will this seedling thrive?
        seed: 1                        # of every random stage that states none: same seed, same bytes

        params:
          test: 0.25                   # sluice run -S test=0.4 tries another value

        # Edit a stage and run again: only what the change reaches runs.
        # 'sluice stages' lists what can stand behind uses:, 'sluice stages train.model' explains one kind.
        stages:
          rows:
            uses: collect.csv
            with:
              path: //data/seedlings.csv             # // is the project's root, where sluice.yaml lies
              schema: //schemas/seedlings.yaml       # types and roles of the columns

          split:
            uses: split.rows
            in: rows                   # a stage named alone means its main output
            with: { test: "${params.test}", stratify: thrives }

          features:
            uses: features.fit         # learns on the training rows only
            in: split.train
            with:
              target: thrives
              steps:
                - impute: { columns: numeric, strategy: median }
                - scale: { columns: numeric, method: standard }
                - encode: { columns: categorical, method: one_hot, unknown: ignore }

          model:
            uses: train.model
            in: { train: split.train, features: features }
            with: { estimator: logistic }            # or mlp, a neural network

          report:
            uses: evaluate.model
            in: { model: model, test: split.test }
            with: { gates: { accuracy: ">= 0.60" } } # a run fails below it
            publish: { report: //reports/seedlings.html }

          # Any program can be a stage; it sees what it declares, and nothing else:
          #
          # summary:
          #   run: wc -l < ${in.rows} > ${out.count}
          #   in: { rows: { from: split.train, as: csv } }
          #   out: { count: count.txt }

        """

    static let schema = """
        # A Table Schema: what the columns are. Roles: target, id, group, weight, time, ignore; without one, a feature.
        fields:
          - name: plant_id
            type: integer
            role: id
            constraints:
              required: true
              unique: true
          - name: light_hours
            type: number
            description: "Hours of light a day."
            constraints:
              minimum: 0
              maximum: 24
          - name: water_ml
            type: integer
            description: "Millilitres a day; not measured for some."
          - name: soil
            type: string
            constraints:
              required: true
              enum: [clay, loam, sand]
          - name: thrives
            type: boolean
            role: target
            constraints:
              required: true

        """

    /// 60 plants. Light and water help up to a point, loam helps, and a part
    /// that nothing tells is mixed in; integers only, so it is the same text
    /// everywhere.
    static let csv: String = {
        var text = "plant_id,light_hours,water_ml,soil,thrives\n"
        for plant in 1...60 {
            let light = 30 + plant * 37 % 101
            let water = 20 + plant * 53 % 97 * 2
            let soil = ["clay", "loam", "sand"][plant * 7 % 3]
            let unseen = plant * 29 % 41 - 20
            let score =
                light - 80 + (water - 116) / 3 + (soil == "loam" ? 18 : soil == "sand" ? -8 : -4) + unseen
            let shown = plant % 13 == 0 ? "" : "\(water)"
            text += "\(plant),\(light / 10).\(light % 10),\(shown),\(soil),\(score > 0)\n"
        }
        return text
    }()
}
