using FlaskStack.Bench.Processes;

namespace FlaskStack.Bench.Tests;

public sealed class MemoryUseTests
{
    private const int Kibibyte = 1024;

    [Fact]
    public void Counts_a_file_once_and_in_full()
    {
        var use = MemoryUse.Sum([Process(own: 10, library: 40), Process(own: 20, library: 60)]);

        Assert.Equal((10 + 20 + 60) * Kibibyte, use.Bytes);
    }

    [Fact]
    public void Counts_what_a_process_changed_of_a_file_as_its_own()
    {
        var process = Process(own: 10, library: 40, changed: 5);

        Assert.Equal([new("fe:00 1234 00001000", 35)], process.Files);
    }

    [Fact]
    public void Takes_shared_memory_for_no_file()
    {
        var process = ProcessMaps.Parse(
            ["Pss_Shmem:  7 kB"],
            ["7f00-7f01 rw-s 00000000 00:01 99   /memfd:doublemapper (deleted)", "Rss:  8 kB", "Anonymous:  0 kB"]);

        Assert.Empty(process.Files);
        Assert.Equal(7, process.OwnKibibytes);
    }

    [Fact]
    public void Finds_descendants_of_every_depth()
    {
        ProcessRow[] rows = [Row(2, 1), Row(3, 2), Row(4, 3), Row(5, 9)];

        Assert.Equal([2, 3, 4], ProcessTree.Below(rows, 1).Select(row => row.Id).Order());
    }

    [Fact]
    public void Reads_a_process_whose_name_looks_like_the_rest_of_the_line()
    {
        var row = ProcessRow.Parse("42 (a) S (b) Z 7 42 42 0 -1 4194560 1 0 0 0 250 50 9 9 20 0 1 0 100 0 0");

        Assert.Equal(new ProcessRow(42, 7, "a) S (b", true, 300), row);
    }

    private static ProcessRow Row(int id, int parent) => new(id, parent, "program", false, 0);

    private static ProcessMaps Process(int own, int library, int changed = 0) => ProcessMaps.Parse(
        [$"Pss:  99 kB", $"Pss_Anon:  {own} kB", "Pss_Shmem:  0 kB"],
        [
            "7f00-7f01 r-xp 00001000 fe:00 1234      /usr/lib/library.so",
            "Size:  100 kB", $"Rss:  {library} kB", $"Anonymous:  {changed} kB",
            "7f02-7f03 rw-p 00000000 00:00 0         [heap]", $"Rss:  {own} kB", $"Anonymous:  {own} kB",
        ]);
}
