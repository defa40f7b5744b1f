//! The outline as Markdown.

use crate::questions::questions;
use crate::sections::Section;

const INDENT: &str = "  ";

/// A nested list: sections in bold, their questions below them.
pub(crate) fn render(sections: &[Section], max_questions: usize) -> String {
    let mut outline = String::new();
    for section in sections {
        let indent = INDENT.repeat(section.level - 1);
        outline.push_str(&format!("{indent}- **{}**\n", section.title.trim()));
        for question in questions(section, max_questions) {
            outline.push_str(&format!("{indent}{INDENT}- {question}\n"));
        }
    }
    outline
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sections::sections;

    fn outline(text: &str) -> String {
        render(&sections(text, 3), 3)
    }

    #[test]
    fn the_board_of_logic() {
        let text =
            "测试材料：逆否命题\n\n如果原命题是'若p则q'，则逆否命题是'若非q则非p'。逆否命题与原命题等价。";
        let expected = "\
- **测试材料：逆否命题**
  - “测试材料：逆否命题”的要点是什么？
- **如果原命题是'若p则q'，则逆否命题是'若非q则非p'**
  - “如果原命题是'若p则q'，则逆否命题是'若非q则非p'”的要点是什么？
";
        assert_eq!(outline(text), expected);
    }

    #[test]
    fn an_english_note() {
        let text = "# Photosynthesis\nPhotosynthesis is the process by which plants store light. \
                    Leaves are green because chlorophyll absorbs red light.\n\n## Stages\n- light reactions\n- Calvin cycle\n";
        let expected = "\
- **Photosynthesis**
  - What is Photosynthesis?
  - Why is it that leaves are green?
  - **Stages**
    - Which points belong to “Stages”?
";
        assert_eq!(outline(text), expected);
    }

    #[test]
    fn a_question_stands_for_itself() {
        assert_eq!(
            outline("什么是逆否命题？"),
            "- **什么是逆否命题？**\n  - 什么是逆否命题？\n"
        );
    }

    #[test]
    fn a_huge_text_is_outlined_in_time() {
        assert_eq!(
            outline(&"- 因为下雨，所以地湿。\n".repeat(10_000))
                .lines()
                .count(),
            20_000
        );
    }

    #[test]
    fn the_readme_shows_what_comes_out() {
        let readme = include_str!("../README.md");
        let mut examples = readme.split("```").skip(1).step_by(2);
        let mut example = || examples.next().and_then(|e| e.strip_prefix("markdown\n"));
        let (input, output) = (example(), example());
        assert!(output.is_some());
        assert_eq!(input.map(outline).as_deref(), output);
    }
}
