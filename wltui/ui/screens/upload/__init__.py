"""The screens of an upload: the form, its review, and the list of uploads that run or have ended."""
