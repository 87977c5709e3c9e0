"""
The measures of the face (票面), in mm on a page of 210 × 140, as taken from a real invoice (FACTS §1.3).

Everything that decides where something stands is here; the drawing code only puts words to it. Baselines
are the boxes' tops plus 0.88 of the type size, which is where 宋体 and 楷体 stand in their boxes.
"""

PAGE_WIDTH, PAGE_HEIGHT = 210.0, 140.0

SMALL = 3.175  # nine points: labels and values
LABEL_SIZE = 3.3
TAX_ID_SIZE = 4.233
TOTAL_SIZE = 3.88
ASCENT = 0.88

TITLE_X, TITLE_BASELINE, TITLE_ROOM, TITLE_SIZE = 102.0, 14.3, 90.0, 7.07
TITLE_RULES = (17.8, 18.8)
TITLE_RULE_LEFT, TITLE_RULE_RIGHT = 65.5, 138.5
QR_X, QR_Y, QR_SIZE = 6.5, 6.0, 20.0

# Where the real face carries the state's 监制章 stands our own mark, of the same size.
MARK_X, MARK_Y, MARK_RADIUS_X, MARK_RADIUS_Y = 105.0, 18.0, 15.0, 10.0

HEAD_LABEL_X, HEAD_VALUE_X, HEAD_VALUE_ROOM = 154.0, 170.0, 36.0
HEAD_BASELINES = (13.9, 19.9)  # 发票号码, 开票日期
PAGE_COUNT_X, PAGE_COUNT_BASELINE = 205.5, 26.5
SPECIAL_X, SPECIAL_BASELINE, SPECIAL_SIZE = 46.0, 14.3, 4.2  # 旅客运输服务, 通行费

LEFT, RIGHT, TOP, BOTTOM = 4.5, 205.5, 30.0, 124.0
RULES_Y = (30.0, 52.0, 96.0, 104.0, 124.0)
# x, from y, to y
RULES_X = (
    (4.5, 30.0, 124.0),
    (205.5, 30.0, 124.0),
    (10.7, 30.0, 52.0),
    (105.2, 30.0, 52.0),
    (111.2, 30.0, 52.0),
    (10.7, 104.0, 124.0),
    (56.5, 96.0, 104.0),
)

PARTY_LETTERS_Y = (32.5, 36.0, 39.5, 43.0, 46.5)
BUYER_LETTERS_X, SELLER_LETTERS_X = 6.0, 106.6
BUYER_X, SELLER_X = 11.0, 111.5
BUYER_NAME_X, SELLER_NAME_X, NAME_Y, NAME_ROOM, NAME_HEIGHT = 20.0, 120.0, 33.5, 84.0, 10.8
NAME_PITCH = 3.6
PARTY_ID_Y = 44.0
PARTY_ID_LABEL_ROOM = 42.6
BUYER_ID_X, SELLER_ID_X, ID_ROOM = 54.0, 154.5, 50.5

COLUMN_HEADS_Y = 52.4
FIRST_LINE_Y, LINE_PITCH, FRONT_ROWS = 56.0, 4.5, 8
SUM_Y = 92.0

GROSS_LABEL_X, GROSS_Y = 16.4, 98.5
CROSS_X, CROSS_Y, CROSS_RADIUS = 60.0, 99.9, 2.05
WORDS_X, WORDS_ROOM = 62.95, 78.0
FIGURE_LABEL_X, FIGURE_X, FIGURE_ROOM = 143.0, 156.5, 48.0

REMARK_LETTERS = ((6.0, 109.0), (6.0, 115.0))
REMARK_X, REMARK_Y, REMARK_ROOM, REMARK_BOTTOM = 11.1, 104.5, 193.0, 124.0
# Type size and row pitch, tried in this order until the remark fits its box.
REMARK_SIZES = ((3.175, 3.3), (2.6, 2.75), (2.1, 2.3), (1.75, 1.9))

DRAWER_LABEL_X, DRAWER_X, DRAWER_Y = 19.0, 32.0, 129.5
NOTICE_X, NOTICE_BASELINE, NOTICE_SIZE = 205.5, 132.2, 2.4

# Further pages (附页): no parties and no remark, so that the table has the whole frame.
MORE_TITLE_SIZE = 5.6
MORE_HEADS_Y, MORE_HEADS_RULE = 31.0, 36.0
MORE_FIRST_LINE_Y, MORE_ROWS = 37.0, 17
MORE_SUM_RULE, MORE_SUBTOTAL_Y, MORE_SUM_Y = 114.5, 115.4, 119.6
MORE_PARTIES_X, MORE_PARTIES_BASELINE, MORE_PARTIES_SIZE, MORE_PARTIES_ROOM = 28.5, 28.6, 2.6, 140.0

RIGHT_EDGE = 204.7
"""Where the last column's figures end, a hair inside the frame."""
