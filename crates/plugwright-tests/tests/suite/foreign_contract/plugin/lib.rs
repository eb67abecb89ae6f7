//! Draws.

wit_bindgen::generate!({ path: "../wit", world: "canvas" });

use std::cell::RefCell;
use std::fs;

use demo::canvas::shapes::{Cap, Element, Shape};
use demo::canvas::tools::{self, Brush, Level};
use exports::demo::canvas::studio::{self, DrawingBorrow, Flaw, GuestDrawing};

struct Canvas;

export!(Canvas);

/// The largest number of points in a path.
const MOST: usize = 3;

struct Drawing {
    name: String,
    brush: Brush,
    elements: RefCell<Vec<Element>>,
}

impl GuestDrawing for Drawing {
    fn new(name: String, brush: Brush) -> Self {
        let about = [("name".to_owned(), name.clone())];
        tools::note(Level::Info, "a drawing is begun", &about);
        Self { name, brush, elements: RefCell::default() }
    }

    fn add(&self, element: Element) -> Result<u32, Flaw> {
        match &element.shape {
            Shape::Nothing => return Err(Flaw::NothingToDraw),
            Shape::Path(points) if points.len() > MOST => {
                return Err(Flaw::TooMany((points.len() as u32, MOST as u32)));
            }
            _ => {}
        }
        let mut elements = self.elements.borrow_mut();
        elements.push(element);
        Ok(elements.len() as u32)
    }

    fn elements(&self) -> Vec<Element> {
        self.elements.borrow().clone()
    }

    fn is_finer_than(&self, brush: &Brush) -> bool {
        tools::wider(brush, &self.brush)
    }

    fn merge(drawing: studio::Drawing, other: DrawingBorrow<'_>) -> studio::Drawing {
        let (drawing, other) = (drawing.into_inner::<Self>(), other.get::<Self>());
        drawing.elements.borrow_mut().extend(other.elements());
        studio::Drawing::new(Self { brush: Brush::join(drawing.brush, &other.brush), ..drawing })
    }

    fn finish(drawing: studio::Drawing) -> (Brush, Vec<Element>) {
        let Self { name, brush, elements } = drawing.into_inner();
        tools::note(Level::Warn, "a drawing is finished", &[("name".to_owned(), name)]);
        (brush, elements.into_inner())
    }
}

impl studio::Guest for Canvas {
    type Drawing = Drawing;

    fn copy(drawing: DrawingBorrow<'_>) -> studio::Drawing {
        let drawing = drawing.get::<Drawing>();
        let copy = Drawing::new(drawing.name.clone(), Brush::new(drawing.brush.width()));
        copy.elements.borrow_mut().extend(drawing.elements());
        studio::Drawing::new(copy)
    }

    fn paint(colour: String) -> Result<(u32, Option<String>), Flaw> {
        let hue = fs::read_to_string(format!("/palette/{colour}"));
        let hue = hue.map_err(|_| Flaw::NoSuchColour(colour))?;
        let brush = tools::lend(Cap::Round);
        for hue in hue.split_whitespace() {
            brush.dip(hue).map_err(|spill| Flaw::NoSuchColour(format!("{spill:?}")))?;
        }
        Ok(tools::put_away(brush))
    }

    fn halves(points: Vec<(Point, Point)>) -> Vec<Point> {
        let half = |(one, other): (Point, Point)| Point {
            x: (one.x + other.x) / 2,
            y: (one.y + other.y) / 2,
        };
        points.into_iter().map(half).collect()
    }
}

impl Guest for Canvas {
    fn fit(points: Vec<Point>, styles: Vec<(String, Style)>) -> Result<Option<Frame>, String> {
        let edge = |of: fn(&Point) -> _| {
            let edges = points.iter().map(of);
            edges.clone().min().zip(edges.max()).ok_or("there are no points")
        };
        let ((left, right), (top, bottom)) = (edge(|point| point.x)?, edge(|point| point.y)?);
        let corners = (Point { x: left, y: top }, Point { x: right, y: bottom });
        let frame = Frame { corners, styles };
        Ok(has_frame(&frame).then_some(frame))
    }

    fn suffer(mishap: Mishap) {
        match mishap {
            Mishap::Stumble => stumbles(3),
            Mishap::Spin => loop {},
            Mishap::Hoard => drop((0..1000).map(|_| vec![1_u8; 1 << 20]).collect::<Vec<_>>()),
            Mishap::Collect => drop((0..1000).map(Brush::new).collect::<Vec<_>>()),
        }
    }
}

/// Traps after `steps` nested calls.
fn stumbles(steps: u32) {
    match steps {
        0 => panic!("a shoelace"),
        steps => stumbles(steps - 1),
    }
}
