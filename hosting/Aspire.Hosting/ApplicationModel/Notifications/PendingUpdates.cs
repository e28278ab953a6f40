namespace Aspire.Hosting.ApplicationModel;

/// <summary>
/// What a reader has not read yet of one row: the newest change and, where the row ended and went on before that was
/// read, the change with which it ended last.
/// </summary>
internal sealed record PendingUpdates(ResourceUpdate Newest, ResourceUpdate? Ended = null)
{
    public static PendingUpdates Merge(PendingUpdates older, PendingUpdates newer)
    {
        if (newer.Newest.Version <= older.Newest.Version)
        {
            return older;
        }

        return newer with { Ended = IsTerminal(older.Newest) ? older.Newest : older.Ended };
    }

    private static bool IsTerminal(ResourceUpdate update) => update.Event.Snapshot.State.IsTerminal();
}
