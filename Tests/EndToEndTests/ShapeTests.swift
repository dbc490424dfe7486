import Glibc
import Platform
import Testing

/// The forms a pipeline may have, from the file to the bytes.
@Suite struct ShapeTests {
    static let pipeline = """
        params: { word: "it's \\"$HOME\\" `x` \\\\n *", extra: false, base: 10 }
        include:
          - { file: inner/part.yaml, as: part, params: { mark: "<>" }, in: { text: words } }
        stages:
          words:
            run: cat ${in.text} > ${out.o}
            in: { text: { file: text.txt } }
            out: { o: words }
          member:
            matrix: { size: [1, 2], way: [up, { name: ab, value: "a b" }] }
            run: echo ${matrix.size} ${matrix.way} "${matrix.way}" "$((${params.base} + ${matrix.size}))" > ${out.o}
            in: { words: words }
            out: { o: m.txt }
            publish: { o: "out/m-${matrix.size}-${matrix.way}.txt" }
          all:
            run: cat ${in.list}/index.json ${in.list}/size* > ${out.o}
            in: { list: member@* }
            out: { o: all.txt }
            publish: { o: out/all.txt }
          never:
            when: params.extra == true
            run: echo never > ${out.o}
            out: { o: never }
            publish: { o: out/never.txt }
          either:
            run: ls in > ${out.o}
            in: { never: { from: never, optional: true }, words: words }
            out: { o: either }
            publish: { o: out/either.txt }
          arrives:
            run: |
              printf '%s\\n' ${params.word} "${params.word}" "<${params.word}>" > ${out.o}
              printf '%s\\n' "$SLUICE_OUT_O" "$${LANG}" "${LANG#C.}" >> ${out.o}
            out: { o: arrives }
            publish: { o: out/arrives.txt }

        """

    private func workplace() throws -> Workplace {
        let place = try Workplace(Self.pipeline)
        try place.write("text.txt", "one\n")
        try place.write(
            "inner/part.yaml",
            """
            params: { mark: "!" }
            inputs: [text]
            stages:
              loud:
                run: "{ cat ${in.t} ${in.own}; echo ${params.mark}; } > ${out.o}"
                in: { t: text, own: { file: own.txt } }
                out: { o: loud.txt }
                publish: { o: //out/loud.txt }

            """)
        try place.write("inner/own.txt", "own\n")
        return place
    }

    @Test func valuesListsAndIncludedFilesArriveAsWritten() throws {
        let place = try workplace()
        let result = try place.sluice("run")
        try #require(result.status == 0, "\(result)")
        #expect(try place.read("out/m-2-ab.txt") == "2 a b a b 12\n")
        #expect(try place.read("out/m-1-up.txt") == "1 up up 11\n")
        #expect(
            try place.read("out/all.txt") == """
                ["size=1+way=up.txt","size=1+way=ab.txt","size=2+way=up.txt","size=2+way=ab.txt"]1 a b a b 11
                1 up up 11
                2 a b a b 12
                2 up up 12

                """)
        let word = #"it's "$HOME" `x` \n *"#
        let arrived = try place.read("out/arrives.txt").split(separator: "\n").map(String.init)
        #expect(arrived.prefix(3) == [word, word, "<\(word)>"], "\(arrived)")
        #expect(arrived.dropFirst(3) == ["arrives", "C.UTF-8", "UTF-8"], "\(arrived)")
        #expect(try place.read("out/either.txt") == "words\n")
        #expect(!place.exists("out/never.txt"))
        #expect(try place.read("out/loud.txt") == "one\nown\n<>\n")
    }

    @Test func oneCoreAndFourGiveTheSameBytes() throws {
        let (one, four) = (try workplace(), try workplace())
        #expect(try one.sluice("run", "-j", "1").status == 0)
        #expect(try four.sluice("run", "-j4").status == 0)
        #expect(try one.people() == four.people())
        #expect(try one.read("p.lock") == four.read("p.lock"))
    }

    @Test func aParameterTurnsAStageOn() throws {
        let place = try workplace()
        #expect(try place.sluice("run", "-S", "extra=true", "--write-lock").status == 0)
        #expect(try place.read("out/never.txt") == "never\n")
        #expect(try place.read("out/either.txt") == "never\nwords\n")
    }

    @Test func membersOfAMatrixRunBesideEachOther() throws {
        // Each waits until the other has come: one core would wait for ever.
        let place = try Workplace(
            """
            stages:
              meet:
                matrix: { me: [a, b] }
                run: |
                  touch "$MEET/${matrix.me}"
                  while ! { test -e "$MEET/a" && test -e "$MEET/b"; }; do sleep 0.01; done
                  echo ${matrix.me} > ${out.o}
                pass: [MEET]
                timeout: 20s
                out: { o: o }

            """)
        try Files.makeDirectories(place.folder + "/meeting")
        let result = try place.sluice("run", "-j", "2", environment: ["MEET": place.folder + "/meeting"])
        #expect(result.status == 0, "\(result)")
    }

    @Test func afterWaitsForTheStageAndItsGates() throws {
        let place = try Workplace(
            """
            stages:
              first:
                run: "sleep 0.1; echo first >> $MARKS; echo '{\\"auc\\": 0.5}' > ${out.m}"
                pass: [MARKS]
                out: { m: { metrics: m.json, gates: { auc: ">= 0.4" } } }
              second:
                run: echo second >> $MARKS; echo 2 > ${out.o}
                pass: [MARKS]
                after: [first]
                out: { o: o }
              aside: { run: "echo 3 > ${out.o}", out: { o: o } }

            """)
        let path = place.folder + ".marks"
        defer { unlink(path) }
        #expect(try place.sluice("run", "-j", "4", environment: ["MARKS": path]).status == 0)
        #expect(try Files.read(path) == Array("first\nsecond\n".utf8))
        // `after` is not keyed, and a gate that fails stops what comes after it.
        try place.edit("p.yaml", ">= 0.4", ">= 0.6")
        try place.edit("p.yaml", "echo 2", "echo 22")
        let stopped = try place.run("-k")
        #expect(stopped.result.status == 1)
        #expect(stopped.counts == .init(hits: 1, ran: 0, failed: 1, skipped: 1), "\(stopped.result)")
        try place.edit("p.yaml", "    after: [first]\n", "")
        try place.edit("p.yaml", "echo 22", "echo 2")
        #expect(try place.run("-k").counts == .init(hits: 2, ran: 0, failed: 1))
    }
}
