using System.Management.Automation;
using Virt.Domains;
using Virt.Errors;
using Virt.PowerShell;

namespace Virt.Tests.PowerShell;

public sealed class ParameterTests
{
    [Theory]
    [InlineData("2G", 2L << 30)]
    [InlineData("2GB", 2L << 30)]
    [InlineData("2 GiB", 2L << 30)]
    [InlineData("1.5g", 3L << 29)]
    [InlineData("512MiB", 512L << 20)]
    [InlineData(" 64k ", 64L << 10)]
    [InlineData("1P", 1L << 50)]
    [InlineData("4096", 4096L)]
    [InlineData("4096B", 4096L)]
    public void Sizes_are_read_as_people_write_them(string text, long bytes) => Assert.Equal(bytes, SizeText.Parse(text));

    [Theory]
    [InlineData("")]
    [InlineData("G")]
    [InlineData("two")]
    [InlineData("-1G")]
    [InlineData("1,5G")]
    [InlineData("1.2.3")]
    [InlineData("1GBB")]
    [InlineData("1X")]
    [InlineData("99999999P")]
    [InlineData("999999999999999999999999999999")]
    public void What_is_no_size_is_refused_with_the_forms(string text) =>
        Assert.Contains("512MiB", Assert.Throws<FormatException>(() => SizeText.Parse(text)).Message, StringComparison.Ordinal);

    [Fact]
    public void A_size_parameter_takes_numbers_and_text_above_zero()
    {
        var size = new SizeAttribute();
        Assert.Equal(2L << 30, size.Transform(null!, 2L << 30));
        Assert.Equal(2L << 30, size.Transform(null!, new PSObject("2G")));
        Assert.Equal(1536L, size.Transform(null!, 1536.0));
        foreach (object wrong in new object[] { 0, -1, "0", "x", double.NaN, DateTime.Now })
            Assert.Throws<ArgumentTransformationMetadataException>(() => size.Transform(null!, wrong));
    }

    [Theory]
    [InlineData(0, "0 B")]
    [InlineData(1023, "1023 B")]
    [InlineData(1L << 30, "1 GiB")]
    [InlineData(3L << 29, "1.5 GiB")]
    [InlineData(1L << 50, "1 PiB")]
    public void Sizes_are_shown_for_people(long bytes, string text)
    {
        System.Globalization.CultureInfo.CurrentCulture = System.Globalization.CultureInfo.InvariantCulture;
        Assert.Equal(text, ViewText.Size(bytes));
    }

    [Fact]
    public void Durations_and_nothing_are_shown_for_people()
    {
        Assert.Equal("2d 04:05:06", ViewText.Duration(new TimeSpan(2, 4, 5, 6)));
        Assert.Equal("00:00:59", ViewText.Duration(TimeSpan.FromSeconds(59.9)));
        Assert.Equal("", ViewText.Duration(null) + ViewText.Size(null) + ViewText.Rate(null) + ViewText.Percent(null));
    }

    [Fact]
    public void A_text_that_is_a_uuid_means_the_uuid_or_the_name()
    {
        var uuid = Guid.NewGuid();
        DomainRecord record = Record("web", uuid);
        Assert.True(new DomainIdentity(uuid.ToString()).Matches(record));
        Assert.True(new DomainIdentity(uuid.ToString()).Matches(Record(uuid.ToString(), Guid.NewGuid())));
        Assert.False(new DomainIdentity(uuid.ToString()).Matches(Record("web", Guid.NewGuid())));
    }

    [Fact]
    public void A_number_means_the_runtime_id_and_its_text_the_name()
    {
        DomainRecord seven = Record("seven", Guid.NewGuid()) with { Id = 7 };
        Assert.True(new DomainIdentity(7).Matches(seven));
        Assert.False(new DomainIdentity("7").Matches(seven));
        Assert.False(new DomainIdentity(7).Matches(Record("7", Guid.NewGuid())));
    }

    [Theory]
    [InlineData("")]
    [InlineData(" ")]
    public void An_empty_name_is_refused(string name)
    {
        Assert.ThrowsAny<ArgumentException>(() => new DomainIdentity(name));
        Assert.ThrowsAny<ArgumentException>(() => new HostIdentity(name));
    }

    [Theory]
    [InlineData("plain words", "Plain words.")]
    [InlineData("a domain is off", "A domain is off.")]
    [InlineData("qemu:///x is down", "qemu:///x is down.")]
    [InlineData("Done!", "Done!")]
    [InlineData("", "The operation failed without saying why.")]
    public void Messages_become_sentences(string message, string sentence) => Assert.Equal(sentence, ErrorMap.Sentence(message));

    [Fact]
    public void Each_error_code_has_an_id_of_its_kind()
    {
        foreach (VirtErrorCode code in Enum.GetValues<VirtErrorCode>())
        {
            (string id, ErrorCategory category) = ErrorMap.Classify(code);
            Assert.StartsWith("Virt", id, StringComparison.Ordinal);
            if (code is not (VirtErrorCode.Ok or VirtErrorCode.InternalError))
                Assert.NotEqual(ErrorCategory.NotSpecified, category);
        }
    }

    [Fact]
    public void Foreign_exceptions_are_told_in_our_terms()
    {
        Assert.Equal("VirtTimeout", ErrorMap.ToRecord(new TimeoutException("late"), null).FullyQualifiedErrorId);
        Assert.Equal("VirtSystemError", ErrorMap.ToRecord(new IOException("disk"), null).FullyQualifiedErrorId);
        Assert.Equal("VirtInternalError", ErrorMap.ToRecord(new InvalidOperationException("bug"), "t").FullyQualifiedErrorId);
    }

    [Fact]
    public void The_target_is_the_users_input_and_else_what_the_error_names()
    {
        var error = new VirtException(VirtErrorCode.NoDomain, "no", "web1", "look");
        Assert.Equal("input", ErrorMap.ToRecord(error, "input").TargetObject);
        Assert.Equal("web1", ErrorMap.ToRecord(error, null).TargetObject);
    }

    private static DomainRecord Record(string name, Guid uuid) => new(
        name, uuid, null, DomainState.Shutoff, DomainStateReason.Unknown, 1, 1, 1, 1, true, false, false, false, null, null, null,
        TimeSpan.Zero, "test", "x86_64", "test");
}
