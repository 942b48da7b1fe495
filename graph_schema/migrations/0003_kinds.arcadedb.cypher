// Every kind of dataset is known to the engine before the first one is written.
// why: ArcadeDB makes a type per combination of labels at its first use, which stops that transaction for seconds.
// mode: write
CREATE (a:Dataset:Table {key: 'a'}), (b:Dataset:View {key: 'b'}), (c:Dataset:File {key: 'c'}), (d:Dataset:Topic {key: 'd'}) DELETE a, b, c, d;
CREATE (a:Dataset:FeatureView {key: 'a'}), (b:Dataset:FeatureService {key: 'b'}), (c:Dataset:LoggedModel {key: 'c'}), (d:Dataset:ModelVersion {key: 'd'}) DELETE a, b, c, d;
