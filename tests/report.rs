//! What `onefold resolve` shows a person: the page of `--report` and the chart of `--svg`.

use serde_json::Value;
use xml::EventReader;
use xml::reader::XmlEvent;

use crate::resolve::Folder;

const CRM: &str = "Id,Vorname,Nachname,Geburtsdatum,E-Mail,Telefon,Status
1,Ana,Popescu,1980-02-03,ana.popescu@example.org,+40 721 000 111,active
2,Ion,Stan,1975-07-14,ion.stan@example.org,+40 722 000 222,active
3,Maria,Rusu,1990-11-21,,+40 723 000 333,active
4,Dan,<script>alert(1)</script>,1988-05-30,dan@example.org,,active
5,王小明,,1985-01-17,wang@example.org,+40 725 000 555,active
";
const SHOP: &str = "Id,Vorname,Nachname,Geburtsdatum,E-Mail,Telefon
1,Anna,Popescu,1980-02-03,ana.popescu@example.org,
2,Vasile,Toma,1960-01-01,vasile@example.org,+40 724 000 444
3,Maria,Rusu,1990-11-21,maria@example.net,+40723000333
4,Dan,<script>alert(1)</script>,1988-05-30,dan@example.org,+40 726 \"><b>& 666
5,王小明,,1985-01-17,wang@example.org,+40 725 000 555
";
const RESOLVE: [&str; 5] = ["resolve", "crm.csv", "shop.csv", "--out", "out.csv"];

fn folder() -> Folder {
    Folder::with(&[("crm.csv", CRM), ("shop.csv", SHOP)])
}

/// A piece of a parsed document.
#[derive(Debug)]
struct Piece {
    /// The names of the elements around it, the innermost last.
    path: Vec<String>,
    /// The section that it is in.
    section: String,
    attributes: Vec<(String, String)>,
    /// Empty for the beginning of an element.
    text: String,
}

/// Parses a document, which must be well-formed.
fn parse(document: &str) -> Vec<Piece> {
    let (mut path, mut section) = (Vec::new(), String::new());
    let mut pieces = Vec::new();
    for event in EventReader::from_str(document) {
        match event.unwrap() {
            XmlEvent::StartElement { name, attributes, .. } => {
                path.push(name.local_name);
                let attributes: Vec<_> =
                    attributes.into_iter().map(|attribute| (attribute.name.local_name, attribute.value)).collect();
                if path.last().unwrap() == "section" {
                    section.clone_from(&attributes.iter().find(|(name, _)| name == "id").unwrap().1);
                }
                pieces.push(Piece { path: path.clone(), section: section.clone(), attributes, text: String::new() });
            }
            XmlEvent::EndElement { .. } => _ = path.pop(),
            XmlEvent::Characters(text) => {
                pieces.push(Piece { path: path.clone(), section: section.clone(), attributes: Vec::new(), text });
            }
            _ => {}
        }
    }
    assert!(path.is_empty());
    pieces
}

/// All texts of a section that stand in an element of this name.
fn texts<'a>(pieces: &'a [Piece], section: &str, element: &str) -> Vec<&'a str> {
    let within = |piece: &&Piece| piece.section == section && piece.path.last().is_some_and(|name| name == element);
    pieces.iter().filter(within).map(|piece| piece.text.as_str()).filter(|text| !text.is_empty()).collect()
}

#[test]
fn the_page_shows_the_figures_of_the_json_report() {
    let folder = folder();
    let outcome = folder.run(&[&RESOLVE[..], &["--report", "deep/er", "--json"]].concat()).ok();
    let report: Value = serde_json::from_str(&outcome.stdout).unwrap();
    assert_eq!(report["report"], "deep/er/report.html");
    let page = parse(&folder.read("deep/er/report.html"));

    let sections: Vec<&str> = page
        .iter()
        .filter(|piece| piece.path.last().is_some_and(|name| name == "section") && piece.text.is_empty())
        .map(|piece| piece.section.as_str())
        .collect();
    assert_eq!(sections, ["summary", "columns", "blocking", "weights", "pairs", "sizes", "doubts"]);

    let facts = texts(&page, "summary", "dd");
    let figures: Vec<&str> = facts.iter().step_by(2).copied().collect();
    let share = |name: &str| format!("{:.3}", report[name].as_f64().unwrap());
    let (precision, recall) = (share("expected_precision"), share("expected_recall"));
    assert_eq!(figures, ["10", "6", "45", precision.as_str(), recall.as_str(), "1.000", recall.as_str()]);
    assert_eq!((&report["records"], &report["customers"], &report["pairs"]), (&10.into(), &6.into(), &45.into()));

    let headers = texts(&page, "columns", "th");
    let columns = report["diagnostics"]["columns"].as_array().unwrap();
    assert_eq!(columns.len(), 7);
    for column in columns {
        assert!(headers.contains(&column["name"].as_str().unwrap()), "{column} is not in {headers:?}");
    }
    let cells = texts(&page, "columns", "td");
    assert!(cells.contains(&"no: it always says the same"), "{cells:?}");
    assert!(cells.contains(&"no: it is to be ignored"), "the id is told, too: {cells:?}");

    let shown = texts(&page, "weights", "text");
    for comparison in report["diagnostics"]["comparisons"].as_array().unwrap() {
        assert!(shown.iter().any(|text| text.starts_with(comparison["name"].as_str().unwrap())), "{shown:?}");
        for level in
            comparison["states"].as_array().unwrap().iter().flat_map(|state| state["levels"].as_array().unwrap())
        {
            let weight = level["weight"].as_f64().unwrap();
            let text = format!("{:.1}", weight.abs());
            assert!(shown.iter().any(|shown| shown.trim_start_matches(['+', '−']) == text), "{level} is not shown");
        }
    }

    let bins = report["diagnostics"]["weights"].as_array().unwrap();
    let sum = |name: &str| bins.iter().map(|bin| bin[name].as_u64().unwrap()).sum::<u64>();
    assert_eq!((sum("pairs"), sum("together")), (45, 4), "four people have two records each");
    assert_eq!(texts(&page, "sizes", "text"), ["1 record", "2", "2 records", "4"]);

    let doubts = report["diagnostics"]["doubts"].as_array().unwrap();
    assert_eq!(texts(&page, "doubts", "article").iter().filter(|text| !text.trim().is_empty()).count(), 0);
    assert_eq!(texts(&page, "doubts", "h3").len(), doubts.len());
    let weights: Vec<f64> = doubts.iter().map(|doubt| doubt["weight"].as_f64().unwrap()).collect();
    assert!(weights.is_sorted(), "the least certain first: {weights:?}");
}

#[test]
fn values_are_harmless_and_stand_only_where_they_are_needed() {
    let folder = folder();
    let outcome = folder.run(&[&RESOLVE[..], &["--report", "report", "--json"]].concat()).ok();
    assert!(!outcome.stdout.to_lowercase().contains("popescu"), "values are left to the page");
    let text = folder.read("report/report.html");
    let page = parse(&text);
    for piece in &page {
        assert!(!piece.path.iter().any(|name| name == "script" || name == "b"), "{piece:?}");
        for (name, value) in &piece.attributes {
            assert!(!name.starts_with("on") && name != "src", "{piece:?}");
            assert!(name != "href" || value.starts_with('#'), "{piece:?}");
        }
        let personal = ["popescu", "王小明", "alert"].iter().any(|value| piece.text.to_lowercase().contains(value));
        assert!(!personal || piece.section == "doubts", "{piece:?}");
    }
    let cells = texts(&page, "doubts", "td");
    assert!(cells.contains(&"<script>alert(1)</script>"), "{cells:?}");
    let marked = texts(&page, "doubts", "mark");
    assert!(marked.contains(&"Anna"), "what differs is marked: {marked:?}");
    assert!(!marked.contains(&"王小明"), "and nothing else: {marked:?}");
    assert!(!text.contains("http://") && !text.contains("https://"), "nothing is asked of elsewhere");
    assert!(texts(&page, "", "p").iter().any(|text| text.contains("personal data")));
}

#[test]
fn the_same_files_give_the_same_page_and_chart() {
    let args = [&RESOLVE[..], &["--report", ".", "--explain", "crm:1", "shop:1", "--svg", "why.svg"]].concat();
    let [one, other] = [folder(), folder()].map(|folder| {
        folder.run(&args).ok();
        [folder.read("report.html"), folder.read("why.svg")]
    });
    assert_eq!(one, other);
}

#[test]
fn the_chart_of_two_records_stands_alone() {
    let folder = folder();
    let args = [&RESOLVE[..], &["--explain", "crm:4", "shop:4", "--svg", "why.svg", "--json"]].concat();
    let report: Value = serde_json::from_str(&folder.run(&args).ok().stdout).unwrap();
    let text = folder.read("why.svg");
    assert!(text.starts_with("<svg ") && text.contains("xmlns=\"http://www.w3.org/2000/svg\""), "{text}");
    let chart = parse(&text);
    let shown = texts(&chart, "", "text");
    for part in
        ["crm:4 and shop:4", "any two records", "Geburtsdatum · exact", "together", "empty in one or both: Telefon"]
    {
        assert!(shown.iter().any(|text| text.starts_with(part)), "no {part} in {shown:?}");
    }
    let waterfall = &report["waterfall"];
    let whole = format!("{:+.1}", waterfall["weight"].as_f64().unwrap()).replace('-', "−");
    assert!(shown.contains(&whole.as_str()), "no {whole} in {shown:?}");
    let steps = waterfall["steps"].as_array().unwrap().iter().filter(|step| step["level"] != "null").count();
    let household = usize::from(waterfall["household"].as_f64().unwrap() < -0.05);
    let bars = chart.iter().filter(|piece| piece.path.ends_with(&["g".into(), "rect".into()])).count();
    assert_eq!(bars, steps + household + 2, "the prior, what was compared, the whole");
}

#[test]
fn the_terminal_shows_bars_and_no_colours_unless_asked() {
    let outcome = folder().run(&[&RESOLVE[..], &["--explain", "crm:1", "shop:1"]].concat()).ok();
    for part in ["What the columns hold", "10 records are 6 customers", "2 records                    4 ████"] {
        assert!(outcome.stdout.contains(part), "no {part} in {}", outcome.stdout);
    }
    assert!(outcome.stdout.contains("any two records") && outcome.stdout.contains("popescu"), "{}", outcome.stdout);
    assert!(!outcome.stdout.contains('\u{1b}'), "{}", outcome.stdout);
}

#[test]
fn what_cannot_be_shown_is_said_before_the_work() {
    let folder = folder();
    folder.run(&[&RESOLVE[..], &["--svg", "why.svg"]].concat()).fails(2, &["--explain"]);
    folder
        .run(&[&RESOLVE[..], &["--explain", "crm:1", "shop:1", "--svg", "why.png"]].concat())
        .fails(2, &["a chart is written as SVG", "end it in .svg"]);
    folder.run(&[&RESOLVE[..], &["--report", "crm.csv"]].concat()).fails(2, &["the report goes into a folder"]);
    assert!(folder.run(&["sql", "-c", "SELECT * FROM 'out.csv'"]).code != 0, "nothing was written");
}
