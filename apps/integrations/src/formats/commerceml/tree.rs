//! Одна запись (товар, предложение, свойство) как плоское дерево. Память дерева переиспользуется,
//! поэтому разбор миллиона товаров не делает миллионов выделений.

/// Отрезок в общем тексте дерева.
#[derive(Clone, Copy)]
struct Span(u32, u32);

struct NodeData {
    name: Span,
    text: Span,
    /// Номер узла сразу за поддеревом.
    end: u32,
}

/// Атрибут хранится как дочерний узел с именем `@Имя`.
#[derive(Default)]
pub struct Tree {
    text: String,
    nodes: Vec<NodeData>,
    open: Vec<u32>,
}

impl Tree {
    pub fn clear(&mut self) {
        self.text.clear();
        self.nodes.clear();
        self.open.clear();
    }

    pub fn len(&self) -> usize {
        self.nodes.len()
    }

    pub fn depth(&self) -> usize {
        self.open.len()
    }

    pub fn open(&mut self, name: &str) {
        let name = self.append(&[name]);
        self.push(name, Span(name.1, name.1));
        self.open.push(self.nodes.len() as u32 - 1);
    }

    pub fn attribute(&mut self, name: &str, value: &str) {
        let name = self.append(&["@", name]);
        let value = self.append(&[value]);
        self.push(name, value);
    }

    /// Текст открытого узла. Текст после вложенных элементов не нужен никому и пропускается.
    pub fn text(&mut self, piece: &str) {
        let Some(&index) = self.open.last() else { return };
        let here = self.text.len() as u32;
        let span = self.nodes[index as usize].text;
        if span.0 == span.1 {
            if piece.trim().is_empty() {
                return;
            }
            self.nodes[index as usize].text = Span(here, here);
        } else if span.1 != here {
            return;
        }
        self.text.push_str(piece);
        self.nodes[index as usize].text.1 = self.text.len() as u32;
    }

    pub fn close(&mut self) {
        let end = self.nodes.len() as u32;
        if let Some(index) = self.open.pop() {
            self.nodes[index as usize].end = end;
        }
    }

    pub fn root(&self) -> Node<'_> {
        Node { tree: self, index: 0 }
    }

    fn append(&mut self, parts: &[&str]) -> Span {
        let start = self.text.len() as u32;
        parts.iter().for_each(|part| self.text.push_str(part));
        Span(start, self.text.len() as u32)
    }

    fn push(&mut self, name: Span, text: Span) {
        let end = self.nodes.len() as u32 + 1;
        self.nodes.push(NodeData { name, text, end });
    }

    fn slice(&self, span: Span) -> &str {
        &self.text[span.0 as usize..span.1 as usize]
    }
}

#[derive(Clone, Copy)]
pub struct Node<'a> {
    tree: &'a Tree,
    index: usize,
}

impl<'a> Node<'a> {
    pub fn name(self) -> &'a str {
        self.tree.nodes.get(self.index).map_or("", |node| self.tree.slice(node.name))
    }

    /// Текст узла без краёв; `None`, если пусто.
    pub fn value(self) -> Option<String> {
        super::super::numbers::clean(self.raw())
    }

    pub fn raw(self) -> &'a str {
        self.tree.nodes.get(self.index).map_or("", |node| self.tree.slice(node.text))
    }

    pub fn children(self) -> impl Iterator<Item = Node<'a>> {
        let tree = self.tree;
        let end = tree.nodes.get(self.index).map_or(0, |node| node.end as usize);
        let mut next = self.index + 1;
        std::iter::from_fn(move || {
            if next >= end {
                return None;
            }
            let node = Node { tree, index: next };
            next = tree.nodes[next].end as usize;
            Some(node)
        })
    }

    pub fn named(self, name: &'a str) -> impl Iterator<Item = Node<'a>> {
        self.children().filter(move |child| child.name() == name)
    }

    pub fn child(self, name: &'a str) -> Option<Node<'a>> {
        self.named(name).next()
    }

    /// Все `item` внутри `list`: `items("Группы", "Ид")`.
    pub fn items(self, list: &'a str, item: &'a str) -> impl Iterator<Item = Node<'a>> {
        self.named(list).flat_map(move |list| list.named(item))
    }

    /// Текст дочернего элемента (или атрибута `@Имя`).
    pub fn get(self, name: &'a str) -> Option<String> {
        self.child(name)?.value()
    }
}
