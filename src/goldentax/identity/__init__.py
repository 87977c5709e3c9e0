"""Who people are, whom they may act for, and how they and their programs sign in (统一身份管理平台, first part)."""
